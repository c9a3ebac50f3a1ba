#include "harness/schedule.hpp"

#include "jobs/plan.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace fa::harness {
namespace {

/// One stage's work: `items` in pieces of `per_piece` (the last may be shorter), pieces divided among ranks.
/// @returns the work of the slowest rank
double add_stage(double work, std::int64_t items, std::int64_t per_piece, std::vector<double>& of_rank)
{
    if (items <= 0 || per_piece <= 0)
        return 0;
    const auto pieces = (items + per_piece - 1) / per_piece;
    const auto ranks = static_cast<int>(of_rank.size());
    double slowest = 0;
    for (int rank = 0; rank < ranks; ++rank) {
        const auto mine = jobs::share(pieces, rank, ranks);
        const auto begin = std::min(mine.begin * per_piece, items);
        const auto end = std::min(mine.end * per_piece, items);
        const double own = work * static_cast<double>(end - begin) / static_cast<double>(items);
        of_rank[static_cast<std::size_t>(rank)] += own;
        slowest = std::max(slowest, own);
    }
    return slowest;
}

} // namespace

TeamRun divide(const RunWork& work, int ranks)
{
    TeamRun run{std::vector<double>(static_cast<std::size_t>(ranks)), 0};
    run.duration += add_stage(work.probe, work.batches, 1, run.work_of_rank);
    run.duration += add_stage(work.accuracy, work.test_samples, work.batch_size, run.work_of_rank);
    run.duration += add_stage(work.fresh, work.draws, work.draws_per_block, run.work_of_rank);
    return run;
}

double Schedule::idle_share() const
{
    const double total = std::accumulate(work_of_rank.begin(), work_of_rank.end(), 0.0);
    return makespan > 0 ? 1 - total / static_cast<double>(ranks) / makespan : 0;
}

Schedule simulate(std::span<const RunWork> runs, std::span<const std::int64_t> order, Teams teams, int ranks)
{
    Schedule schedule;
    schedule.ranks = ranks;
    schedule.teams = teams;
    schedule.runs_of_team.resize(static_cast<std::size_t>(teams.count));
    schedule.work_of_rank.resize(static_cast<std::size_t>(ranks));

    using Free = std::pair<double, int>; // since when, which team
    std::priority_queue<Free, std::vector<Free>, std::greater<>> free;
    for (int team = 0; team < teams.count; ++team)
        free.emplace(0.0, team);
    for (const auto index : order) {
        const auto [since, team] = free.top();
        free.pop();
        const auto members = jobs::share(ranks, team, teams.count);
        const auto run = divide(runs[static_cast<std::size_t>(index)], static_cast<int>(members.size()));
        for (std::size_t rank = 0; rank < run.work_of_rank.size(); ++rank)
            schedule.work_of_rank[static_cast<std::size_t>(members.begin) + rank] += run.work_of_rank[rank];
        schedule.runs_of_team[static_cast<std::size_t>(team)].push_back(index);
        schedule.makespan = std::max(schedule.makespan, since + run.duration);
        free.emplace(since + run.duration, team);
    }
    return schedule;
}

} // namespace fa::harness
