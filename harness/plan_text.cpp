#include "harness/plan_text.hpp"

#include "harness/byte_size.hpp"
#include "harness/memory.hpp"
#include "harness/rows.hpp"
#include "harness/schedule.hpp"
#include "harness/segment_cut.hpp"
#include "harness/traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace fa::harness {
namespace {

constexpr std::size_t names_shown = 3; ///< at each end of a list that is too long

std::string plural(std::size_t count, const char* word)
{
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

/// Runs that differ in nothing that a plan depends on.
struct ShapeGroup {
    std::string text;
    std::vector<std::int64_t> runs;
};

/// How a run that takes long is saved by a team of so many ranks; else empty.
std::string segments_text(const RunWork& work, double segment_work, int ranks)
{
    const auto segments = segments_of(work, multiply_adds(segment_work), ranks);
    if (segments == 0)
        return "";
    return fmt::format("; the draws count {:.3g} Gflop, saved in {} segments of {} blocks at most",
                       gigaflop(work.of_draws()), segments,
                       blocks_per_segment(work, multiply_adds(segment_work)));
}

std::string shape_text(const jobs::RunSpec& spec, const PlannedRun& run, double segment_work,
                       int ranks_of_a_team)
{
    return fmt::format("{}; credit {}; {} batches of {}, {} draws in {} blocks; {:.3g} Gflop; {} of store{}",
                       run.shape, jobs::to_string(spec.credit), spec.batches, spec.batch_size, run.work.draws,
                       run.work.draw_blocks, gigaflop(run.work.total()), human_bytes(run.store_bytes),
                       segments_text(run.work, segment_work, ranks_of_a_team));
}

/// In the order in which they are handed out.
std::vector<ShapeGroup> by_shape(const jobs::Manifest& manifest, const std::vector<PlannedRun>& runs,
                                 const std::vector<std::int64_t>& order, double segment_work,
                                 int ranks_of_a_team)
{
    std::vector<ShapeGroup> groups;
    for (const auto index : order) {
        const auto i = static_cast<std::size_t>(index);
        auto text = shape_text(manifest.runs[i], runs[i], segment_work, ranks_of_a_team);
        const auto found = std::find_if(groups.begin(), groups.end(),
                                        [&](const ShapeGroup& group) { return group.text == text; });
        if (found == groups.end())
            groups.push_back({std::move(text), {index}});
        else
            found->runs.push_back(index);
    }
    return groups;
}

std::string names_of(const std::vector<std::int64_t>& runs, const jobs::Manifest& manifest)
{
    std::string text;
    const bool all = runs.size() <= 4 * names_shown;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!all && i == names_shown) {
            text += ", …";
            i = runs.size() - names_shown;
        }
        text += (i == 0 ? "" : ", ") + manifest.runs[static_cast<std::size_t>(runs[i])].name;
    }
    return text;
}

std::string teams_text(const Schedule& schedule)
{
    std::vector<std::size_t> runs;
    for (const auto& of_team : schedule.runs_of_team)
        runs.push_back(of_team.size());
    std::sort(runs.begin(), runs.end());
    const auto largest = schedule.teams.size_of(0, schedule.ranks);
    const auto smallest = schedule.teams.size_of(schedule.teams.count - 1, schedule.ranks);
    const auto middle = runs.size() / 2;
    const double median = runs.size() % 2 == 1 ? static_cast<double>(runs[middle])
                                               : static_cast<double>(runs[middle - 1] + runs[middle]) / 2;
    return fmt::format("{} in {} of {}; runs a team: {} at least, {} in the median, {} at most\n",
                       plural(static_cast<std::size_t>(schedule.ranks), "rank"),
                       plural(static_cast<std::size_t>(schedule.teams.count), "team"),
                       smallest == largest ? std::to_string(largest)
                                           : fmt::format("{} or {}", smallest, largest),
                       runs.front(), median, runs.back());
}

std::string work_text(const Schedule& schedule)
{
    const auto& work = schedule.work_of_rank;
    const auto [least, most] = std::minmax_element(work.begin(), work.end());
    const double mean = std::accumulate(work.begin(), work.end(), 0.0) / static_cast<double>(work.size());
    return fmt::format("  work    {:.3g} Gflop a rank ({:.3g} to {:.3g}); idle {:.1f} %\n", gigaflop(mean),
                       gigaflop(*least), gigaflop(*most), 100 * schedule.idle_share());
}

std::string bytes_text(const std::vector<PlannedRun>& runs, const Schedule& schedule,
                       const AuditOptions& options)
{
    const auto job = traffic_of(runs, schedule, options.report.strategies.size());
    const auto& moved = job.moved;
    std::uint64_t stored = 0;
    std::size_t count = 0;
    for (const auto& of_team : schedule.runs_of_team) {
        count += of_team.size();
        for (const auto index : of_team)
            stored += runs[static_cast<std::size_t>(index)].store_bytes;
    }
    auto text = fmt::format(
        "  moved   {} between ranks, {} a run: checkpoints {}, Γ's inputs {}, histograms {}, strategies' "
        "values {}, data sets {}\n",
        human_bytes(moved.total()), human_bytes(moved.total() / std::max<std::size_t>(count, 1)),
        human_bytes(moved.checkpoint), human_bytes(moved.gamma), human_bytes(moved.counts),
        human_bytes(moved.values), human_bytes(moved.data));
    text += fmt::format("  read    {}: checkpoints, data sets once a team, run files once to verify them\n",
                        human_bytes(job.read));
    return text + fmt::format("  store   {} in {}\n", human_bytes(stored), options.output.string());
}

/// Of the run and team that take most.
std::string memory_text(const jobs::Manifest& manifest, const std::vector<PlannedRun>& runs,
                        const Schedule& schedule)
{
    RunMemory most;
    std::string name;
    for (std::size_t team = 0; team < schedule.runs_of_team.size(); ++team) {
        const int ranks = schedule.teams.size_of(static_cast<int>(team), schedule.ranks);
        for (const auto index : schedule.runs_of_team[team]) {
            const auto memory = memory_of(runs[static_cast<std::size_t>(index)], ranks);
            if (memory.total() > most.total()) {
                most = memory;
                name = manifest.runs[static_cast<std::size_t>(index)].name;
            }
        }
    }
    return fmt::format("  memory  {} a rank at most ({}), besides LibTorch's own: rows {}, Γ's inputs {}, "
                       "products {}, draws {}, network {}, data {}, writing {}; up to {} more of draws kept "
                       "for other runs, where --memory-budget allows\n",
                       human_bytes(most.total()), name, human_bytes(most.rows), human_bytes(most.gamma),
                       human_bytes(most.products), human_bytes(most.draws), human_bytes(most.network),
                       human_bytes(most.data), human_bytes(most.writing), human_bytes(most.kept));
}

} // namespace

std::string plan_text(const jobs::Manifest& manifest, const std::vector<PlannedRun>& runs,
                      const AuditOptions& options, int ranks)
{
    auto order = costliest_first(runs);
    std::string failing;
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (!runs[i].problem.empty())
            failing += fmt::format("  {}  would fail: {}\n", manifest.runs[i].name, runs[i].problem);
    std::erase_if(order,
                  [&](std::int64_t index) { return !runs[static_cast<std::size_t>(index)].problem.empty(); });

    const auto teams = teams_of(runs, ranks, options.ranks_per_run);
    auto text = fmt::format("{}, in the order they are handed out:\n", plural(runs.size(), "run"));
    for (const auto& group : by_shape(manifest, runs, order, options.segment_work, teams.size_of(0, ranks)))
        text += fmt::format("  {} of {}\n    {}\n", plural(group.runs.size(), "run"), group.text,
                            names_of(group.runs, manifest));
    text += failing;
    if (order.empty())
        return text;

    std::vector<RunWork> work;
    for (const auto& run : runs)
        work.push_back(run.work);
    const auto schedule = simulate(work, order, teams, ranks);
    return text + teams_text(schedule) + work_text(schedule) + bytes_text(runs, schedule, options) +
           memory_text(manifest, runs, schedule);
}

} // namespace fa::harness
