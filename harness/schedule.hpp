#pragma once
/// How a job's runs would spread over its ranks: the list schedule that the shared counter brings about,
/// simulated from the runs' work alone (no clock, no MPI).

#include "harness/plan.hpp"
#include "harness/work.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace fa::harness {

/// A run as one team of ranks does it. Work in multiply-adds.
struct TeamRun {
    std::vector<double> work_of_rank; ///< [ranks of the team]
    double duration = 0; ///< from its start to its end: in each stage the team waits for its slowest rank
};

/// Divides a run's evaluation batches, the batches of the accuracy and the blocks of draws as jobs::share
/// does.
TeamRun divide(const RunWork& work, int ranks);

struct Schedule {
    int ranks = 1;
    Teams teams;
    std::vector<std::vector<std::int64_t>> runs_of_team; ///< indices of runs, in the order handed out
    std::vector<double> work_of_rank;                    ///< multiply-adds, [ranks]
    double makespan = 0;                                 ///< of the team that ends last, in multiply-adds

    /// 1 − mean work of a rank/makespan: what ranks wait, for their team or for the last team.
    double idle_share() const;
};

/// Hands out the runs in the order given, each to the team that is free first (of several, the first).
/// @param runs   their work, by index
/// @param order  indices into `runs`
Schedule simulate(std::span<const RunWork> runs, std::span<const std::int64_t> order, Teams teams, int ranks);

} // namespace fa::harness
