#pragma once
/// Step 4 of a run in its team (design 9): ranks divide the draws in contiguous blocks.

#include "aggregation/strategy.hpp"
#include "aggregation/strategy_cache.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "diagnostics/kept_draws.hpp"
#include "harness/collectives.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/fresh_part.hpp"
#include "harness/heartbeat.hpp"
#include "harness/prepared_run.hpp"
#include "harness/rows.hpp"

#include <vector>

namespace fa::harness {

/// What the draws of a run are measured with.
struct FreshTask {
    const PreparedRun& run;
    const comm::Communicator& team;
    const Collectives& collectives;                       ///< the team's
    const std::vector<diagnostics::GammaInputs>& batches; ///< what the Γ engine needs of every eval batch
    const std::vector<aggregation::Strategy>& strategies;
    diagnostics::KeptDraws& draws; ///< of this run's spec
    const WorkShares& shares;
    const Heartbeat& beat;
};

/// Γ_fresh of this rank's draws into `rows`, the histogram into the leader's, and every strategy's value and
/// layer's mean for every draw (complete on each rank). Collective in the team.
/// @throws comm::GroupError on every rank
aggregation::StrategyValues measure_fresh(const FreshTask& task, Rows& rows);

/// The draws of this rank's rows of the run file: its share of the blocks.
jobs::Range draws_of_rank(const store::RunAttributes& run, const comm::Communicator& team);
/// What the ranks' parts, one of `draws_of_rank` each, come to. Values that some part lacks are left out.
/// Collective in the team.
aggregation::StrategyValues put_parts(const FreshTask& task, const FreshPart& part, Rows& rows);

} // namespace fa::harness
