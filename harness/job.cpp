#include "harness/job.hpp"

#include "harness/audit_run.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/export_draws.hpp"
#include "harness/machine_memory.hpp"
#include "harness/memory.hpp"
#include "harness/monitor.hpp"
#include "harness/output_folder.hpp"
#include "harness/plan.hpp"
#include "harness/plan_text.hpp"
#include "harness/provenance.hpp"
#include "harness/shard_summary.hpp"
#include "jobs/manifest.hpp"
#include "store/failure_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace fa::harness {
namespace {

/// What rank 0 learns before the work starts, and tells the others.
struct Preparation {
    jobs::Manifest manifest;
    std::vector<std::int64_t> order; ///< runs, costliest first
    std::vector<double> shares;      ///< of the job's work, by place in the order
    Teams teams;
};

std::vector<double> shares_of_work(const std::vector<PlannedRun>& planned,
                                   const std::vector<std::int64_t>& order)
{
    double total = 0;
    for (const auto& run : planned)
        total += run.work.total();
    std::vector<double> shares;
    for (const auto index : order)
        shares.push_back(total > 0 ? planned[static_cast<std::size_t>(index)].work.total() / total
                                   : 1.0 / static_cast<double>(order.size()));
    return shares;
}

/// On rank 0: everything that can be wrong before anything is computed.
Preparation prepare(const AuditOptions& options, int ranks)
{
    Preparation job;
    job.manifest = jobs::read_manifest(options.manifest);
    if (options.export_draws)
        export_draws(options, job.manifest);
    job.manifest = of_shard(std::move(job.manifest), options.shard);
    prepare_output(options, job.manifest);
    const auto planned = plan_runs(job.manifest, options);
    job.order = costliest_first(planned);
    job.shares = shares_of_work(planned, job.order);
    job.teams = teams_of(planned, ranks, options.ranks_per_run);
    record_job(options, ranks, job.teams.count);
    return job;
}

/// The other ranks read the same manifest text; rank 0 has checked its paths.
void tell_all(Preparation& job, const AuditOptions& options, const comm::Communicator& world)
{
    job.manifest.text = world.shared(std::move(job.manifest.text));
    job.order = world.shared(std::move(job.order));
    job.shares = world.shared(std::move(job.shares));
    job.teams = world.shared(job.teams);
    if (!world.leads())
        job.manifest = of_shard(jobs::parse_manifest(job.manifest.text, options.manifest.parent_path(),
                                                     options.manifest.string(), jobs::Paths::unchecked),
                                options.shard);
}

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

/// A team's work: one run after another until none is left.
/// @returns how many runs this team has dealt with, on its leader; 0 on the other ranks
std::uint64_t audit_runs(const Preparation& job, const AuditOptions& options, const comm::Communicator& team,
                         std::uint64_t memory, Monitor& monitor)
{
    Workbench workbench{.reader = InputReader(team, options), .memory = memory};
    for (std::uint64_t done = 0;; done += team.leads()) {
        const auto next = team.leads() ? monitor.next_run() : std::nullopt;
        const auto place = team.shared(next.value_or(job.order.size()));
        if (place >= job.order.size())
            return done;
        const auto& spec = job.manifest.runs[static_cast<std::size_t>(job.order[place])];
        try {
            const auto run = audit_run(spec, options, workbench, team, monitor.heartbeat_of(place));
            if (!team.leads())
                continue;
            record_run(options, spec.name, run, team.size());
            forget_failure(options, spec.name);
        } catch (const comm::GroupError& error) {
            if (team.leads())
                report_failure(options, spec.name, error.what());
        }
    }
}

/// The whole job's runs, over all teams.
/// @returns how many runs this rank's team has dealt with, on its leader; 0 on the other ranks
std::uint64_t audit_all(const Preparation& job, const AuditOptions& options, const comm::Communicator& world)
{
    const auto memory = options.memory_budget.value_or(memory_of_a_rank(world));
    Monitor monitor(world, job.shares);
    const auto team = world.split(job.teams.team_of(world.rank(), world.size()));
    try {
        const auto done = audit_runs(job, options, team, memory, monitor);
        monitor.wait_for_all();
        return done;
    } catch (...) {
        // What the team didn't agree on: to leave this scope would mean to wait for the other ranks, for
        // ever.
        comm::abort_job_for_current_exception();
    }
}

/// On rank 0, when every rank is done.
/// @param left  runs that a stop signal kept from being audited (files of older inputs may stand in their
/// place)
int finish(const AuditOptions& options, const jobs::Manifest& manifest, std::uint64_t left, std::size_t runs)
{
    const auto summary = options.shard ? summarise_shard(options, manifest, std::cout)
                                       : aggregation::report(options.output, options.report, std::cout);
    std::cout.flush();
    if (left > 0) {
        fmt::print(stderr,
                   "fa-harness: stopped on a signal; {} of {} runs are left: the same command goes on\n",
                   left, runs);
        return exit_code::stopped_early;
    }
    return aggregation::exit_code(summary, options.fail_on);
}

/// Rank 0's preparation, or the exit code of what is wrong.
int prepare_together(Preparation& job, const AuditOptions& options, const comm::Communicator& world)
{
    int code = exit_code::ok;
    if (world.leads()) {
        try {
            job = prepare(options, world.size());
        } catch (const jobs::ManifestError& error) {
            code = exit_code::usage;
            fmt::print(stderr, "{}\n", error.what());
        } catch (const UsageError& error) {
            code = exit_code::usage;
            fmt::print(stderr, "fa-harness: {}\n", error.what());
        } catch (const std::exception& error) {
            code = exit_code::failure;
            fmt::print(stderr, "fa-harness: {}\n", error.what());
        }
    }
    return world.shared(code);
}

} // namespace

namespace {

/// A run that won't fit into a budget would fail. (Without one the machines' memory decides, and they may be
/// others than this.)
void refuse_too_large(std::vector<PlannedRun>& planned, int ranks_of_a_team,
                      std::optional<std::uint64_t> budget)
{
    for (auto& run : planned)
        if (budget && run.problem.empty() && memory_of(run, ranks_of_a_team).total() > *budget)
            run.problem = too_large(memory_of(run, ranks_of_a_team), *budget);
}

} // namespace

int dry_run(const AuditOptions& options)
{
    auto manifest = jobs::read_manifest(options.manifest);
    const auto all = manifest.runs.size();
    manifest = of_shard(std::move(manifest), options.shard);
    if (options.shard)
        fmt::print("shard {}: {} of {} runs\n", to_string(*options.shard), manifest.runs.size(), all);
    auto planned = plan_runs(manifest, options);
    const int ranks = options.planned_ranks.value_or(comm::launcher_size());
    refuse_too_large(planned, ranks / teams_of(planned, ranks, options.ranks_per_run).count,
                     options.memory_budget);
    fmt::print("{}", plan_text(manifest, planned, options, ranks));
    const bool problems =
        std::any_of(planned.begin(), planned.end(), [](const auto& run) { return !run.problem.empty(); });
    return problems ? exit_code::some_runs_failed : exit_code::ok;
}

int run_job(const AuditOptions& options, const comm::Communicator& world)
{
    Preparation job;
    const int code = prepare_together(job, options, world);
    if (code != exit_code::ok)
        return world.leads() ? code : exit_code::ok;
    tell_all(job, options, world);
    auto done = audit_all(job, options, world);
    world.sum({&done, 1});
    int result = exit_code::ok;
    if (world.leads())
        result = finish(options, job.manifest, job.order.size() - done, job.order.size());
    world.barrier();
    return result;
}

} // namespace fa::harness
