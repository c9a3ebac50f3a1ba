#pragma once
#include "aggregation/strategy.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "diagnostics/kept_draws.hpp"
#include "harness/collectives.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/heartbeat.hpp"
#include "harness/prepared_run.hpp"

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

} // namespace fa::harness
