#include "harness/job.hpp"

#include "harness/attempt.hpp"
#include "harness/audit_all.hpp"
#include "harness/export_draws.hpp"
#include "harness/memory.hpp"
#include "harness/output_folder.hpp"
#include "harness/plan.hpp"
#include "harness/plan_text.hpp"
#include "harness/provenance.hpp"
#include "harness/shard_summary.hpp"
#include "jobs/manifest.hpp"
#include "store/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace fa::harness {
namespace {

std::vector<double> shares_of_work(const std::vector<PlannedRun>& planned,
                                   const std::vector<std::int64_t>& order)
{
    double total = 0;
    for (const auto index : order)
        total += planned[static_cast<std::size_t>(index)].work.total();
    std::vector<double> shares;
    for (const auto index : order)
        shares.push_back(total > 0 ? planned[static_cast<std::size_t>(index)].work.total() / total
                                   : 1.0 / static_cast<double>(order.size()));
    return shares;
}

/// Puts the runs that a job died with to the end of the order; those that ended enough jobs are reported as
/// failed, and left out.
void set_suspects_apart(Preparation& job, const AuditOptions& options)
{
    const store::Layout layout(options.output);
    std::vector<std::int64_t> order, suspects;
    for (const auto index : job.order) {
        const auto& name = job.manifest.runs[static_cast<std::size_t>(index)].name;
        const auto ended = jobs_ended_by(layout, name);
        if (ended >= ended_jobs_allowed && !options.retry)
            report_failure(options, name, given_up());
        else
            (ended > 0 ? suspects : order).push_back(index);
    }
    job.suspects = suspects.size();
    order.insert(order.end(), suspects.begin(), suspects.end());
    job.order = std::move(order);
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
    job.teams = teams_of(planned, ranks, options.ranks_per_run);
    record_job(options, ranks, job.teams.count);
    set_suspects_apart(job, options);
    job.shares = shares_of_work(planned, job.order);
    return job;
}

/// The other ranks read the same manifest text; rank 0 has checked its paths.
void tell_all(Preparation& job, const AuditOptions& options, const comm::Communicator& world)
{
    job.manifest.text = world.shared(std::move(job.manifest.text));
    job.order = world.shared(std::move(job.order));
    job.suspects = world.shared(job.suspects);
    job.shares = world.shared(std::move(job.shares));
    job.teams = world.shared(job.teams);
    if (!world.leads())
        job.manifest = of_shard(jobs::parse_manifest(job.manifest.text, options.manifest.parent_path(),
                                                     options.manifest.string(), jobs::Paths::unchecked),
                                options.shard);
}

/// How far runs were that a signal stopped: "; of run 'dfa-s42' 640 of 3000 draws are saved"
std::string saved_text(const Preparation& job, const std::vector<StoppedRun>& stopped)
{
    std::string text;
    for (const auto& run : stopped)
        if (run.saved_draws > 0)
            text += fmt::format("; of run '{}' {} of {} draws are saved",
                                job.manifest.runs[static_cast<std::size_t>(run.run)].name, run.saved_draws,
                                run.draws);
    return text;
}

/// What a stopped job is told: with --restart the same command would be refused, or throw away what is done.
std::string what_goes_on(Restart restart)
{
    switch (restart) {
    case Restart::into_empty_folder:
        return "the same command without --restart goes on";
    case Restart::by_force:
        return "the same command without --restart --force goes on";
    case Restart::no:
        break;
    }
    return "the same command goes on";
}

/// On rank 0, when every rank is done.
int finish(const Preparation& job, const AuditOptions& options, const Audited& audited)
{
    const auto summary = options.shard ? summarise_shard(options, job.manifest, std::cout)
                                       : aggregation::report(options.output, options.report, std::cout);
    std::cout.flush();
    // (Files of older inputs may stand in the place of runs that are left.)
    if (const auto left = job.order.size() - audited.runs; left > 0) {
        fmt::print(stderr, "fa-harness: stopped on a signal; {} of {} runs are left{}: {}\n", left,
                   job.manifest.runs.size(), saved_text(job, audited.stopped), what_goes_on(options.restart));
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

int dry_run(const AuditOptions& options, const std::string& devices)
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
    fmt::print("{}{}", plan_text(manifest, planned, options, ranks), devices);
    const bool problems =
        std::any_of(planned.begin(), planned.end(), [](const auto& run) { return !run.problem.empty(); });
    return problems ? exit_code::some_runs_failed : exit_code::ok;
}

int run_job(const AuditOptions& options, const comm::Communicator& world, const RankDevice& device)
{
    Preparation job;
    const int code = prepare_together(job, options, world);
    if (code != exit_code::ok)
        return world.leads() ? code : exit_code::ok;
    tell_all(job, options, world);
    const auto audited = audit_all(job, options, world, device);
    int result = exit_code::ok;
    if (world.leads())
        result = finish(job, options, audited);
    world.barrier();
    return result;
}

} // namespace fa::harness
