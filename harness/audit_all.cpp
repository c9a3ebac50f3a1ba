#include "harness/audit_all.hpp"

#include "harness/attempt.hpp"
#include "harness/audit_run.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/comm/session.hpp"
#include "harness/device_errors.hpp"
#include "harness/machine_memory.hpp"
#include "harness/monitor.hpp"
#include "harness/provenance.hpp"
#include "store/failure_record.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <optional>

namespace fa::harness {
namespace {

void forget_failure(const AuditOptions& options, const std::string& name)
{
    try {
        store::clear_failure(store::Layout(options.output), name);
    } catch (const std::exception& error) {
        fmt::print(stderr,
                   "fa-harness: run '{}' is measured, but its earlier failure can't be forgotten: {}\n", name,
                   error.what());
    }
}

/// This machine's memory, divided among the job's ranks on it, but for what LibTorch and MPI take themselves.
std::uint64_t memory_of_a_rank(const comm::Communicator& world)
{
    constexpr std::uint64_t libraries = 200U << 20;
    const auto share = usable_memory() / static_cast<std::uint64_t>(world.ranks_on_this_machine());
    return share > libraries ? share - libraries : 1;
}

/// One team's runs, one after another. Its leader counts what became of them.
class TeamWork {
  public:
    TeamWork(const Preparation& job, const AuditOptions& options, const comm::Communicator& team,
             Workbench workbench, DeviceErrors& errors, Monitor& monitor)
        : job_(job), options_(options), layout_(options.output), team_(team),
          workbench_(std::move(workbench)), errors_(errors), monitor_(monitor)
    {
    }

    /// @param next  the next run's place in the order, or nothing; the leader is asked
    Audited audit(const std::function<std::optional<std::size_t>()>& next)
    {
        for (;;) {
            const auto place = team_.shared(team_.leads() ? next().value_or(job_.order.size()) : 0);
            if (place >= job_.order.size())
                return std::move(audited_);
            audit_one(place);
        }
    }

  private:
    void audit_one(std::size_t place);
    void note(std::int64_t index, const AuditedRun& run);

    const Preparation& job_;
    const AuditOptions& options_;
    store::Layout layout_;
    const comm::Communicator& team_;
    Workbench workbench_;
    DeviceErrors& errors_;
    Monitor& monitor_;
    Audited audited_;
};

void TeamWork::audit_one(std::size_t place)
{
    const auto index = job_.order[place];
    const auto& spec = job_.manifest.runs[static_cast<std::size_t>(index)];
    errors_.in_hand(spec.name);
    Attempt attempt(layout_, spec.name, team_, options_.retry);
    try {
        const auto run = audit_run(spec, options_, workbench_, team_, monitor_.heartbeat_of(place));
        if (team_.leads())
            note(index, run);
        run.outcome == Outcome::stopped ? attempt.take_back() : attempt.over();
    } catch (const comm::GroupError& error) {
        if (team_.leads()) {
            report_failure(options_, spec.name, with_advice(error.what(), workbench_.device));
            ++audited_.runs;
        }
        attempt.over();
    }
}

/// On the leader, of a run that didn't fail.
void TeamWork::note(std::int64_t index, const AuditedRun& run)
{
    const auto& name = job_.manifest.runs[static_cast<std::size_t>(index)].name;
    record_run(options_, name, run, team_.size(), workbench_.collectives->name(), workbench_.device);
    if (run.outcome == Outcome::stopped) {
        audited_.stopped.push_back({index, run.saved_draws, run.draws});
        return;
    }
    forget_failure(options_, name);
    ++audited_.runs;
}

/// What all ranks' teams came to, on every rank.
Audited sum_up(Audited mine, const comm::Communicator& world)
{
    Audited all;
    world.sum({&mine.runs, 1});
    all.runs = mine.runs;
    for (int rank = 0; rank < world.size(); ++rank) {
        const auto theirs = world.shared(mine.stopped, rank);
        all.stopped.insert(all.stopped.end(), theirs.begin(), theirs.end());
    }
    return all;
}

} // namespace

void report_failure(const AuditOptions& options, const std::string& name, const std::string& reason)
{
    fmt::print(stderr, "fa-harness: run '{}' failed: {}\n", name, reason);
    record_failed_run(options, name, reason);
    try {
        store::record_failure(store::Layout(options.output), {name, "", reason});
    } catch (const std::exception& error) {
        fmt::print(stderr, "fa-harness: and that can't be recorded: {}\n", error.what());
    }
}

Audited audit_all(const Preparation& job, const AuditOptions& options, const comm::Communicator& all_ranks,
                  const RankDevice& device)
{
    DeviceErrors errors(all_ranks.rank(), device);
    const auto world = all_ranks.watched_by([&](const std::exception& error) { errors.end_job_at(error); });
    const auto memory = options.memory_budget.value_or(memory_of_a_rank(world));
    const auto work_of = [&](const comm::Communicator& team, Monitor& monitor) {
        empty_cache(device); // NCCL takes memory of its own, and asks nobody to make room
        return TeamWork(job, options, team,
                        {.collectives = make_collectives(team, device.device),
                         .reader = InputReader(team, options),
                         .memory = memory,
                         .device = device},
                        errors, monitor);
    };
    Monitor monitor(world, job.shares);
    const auto team = world.split(job.teams.team_of(world.rank(), world.size()));
    try {
        const auto unsuspected = job.order.size() - job.suspects;
        auto audited = work_of(team, monitor).audit([&] { return monitor.next_run(unsuspected); });
        monitor.wait_for_all();
        if (job.suspects == 0)
            return sum_up(std::move(audited), world);
        auto place = unsuspected;
        const auto one_by_one = work_of(world, monitor).audit([&] {
            return place < job.order.size() && monitor.may_begin() ? std::optional(place++) : std::nullopt;
        });
        audited.runs += one_by_one.runs;
        audited.stopped.insert(audited.stopped.end(), one_by_one.stopped.begin(), one_by_one.stopped.end());
        monitor.wait_for_all();
        return sum_up(std::move(audited), world);
    } catch (const std::exception& error) {
        // What the team didn't agree on: to leave this scope would mean to wait for the other ranks, for
        // ever.
        comm::abort_job(errors.told(error));
    } catch (...) {
        comm::abort_job_for_current_exception();
    }
}

} // namespace fa::harness
