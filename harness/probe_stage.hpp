#pragma once
/// Steps 2 and 3 of a run in its team (design 9): ranks divide the eval batches, then every rank holds what
/// the Γ engine needs of all of them.

#include "diagnostics/measure.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/heartbeat.hpp"
#include "harness/prepared_run.hpp"
#include "harness/rows.hpp"

#include <vector>

namespace fa::harness {

/// Of every eval batch, after the exchange.
struct BatchExchange {
    std::vector<diagnostics::GammaInputs> gamma_inputs; ///< [batches]; empty where the credit has no feedback
    std::vector<std::vector<at::Tensor>> mean_direction; ///< [L+1][batches]: unit mean gradients, [d_l]
};

/// Measures this rank's share of the batches into `rows`, then exchanges. Collective in the team.
/// @throws comm::GroupError on every rank
BatchExchange measure_batches(const PreparedRun& run, const comm::Communicator& team,
                              const WorkShares& shares, const Heartbeat& beat, Rows& rows);

/// This rank's share of the whole test split: right or wrong. Collective in the team.
void measure_accuracy(const PreparedRun& run, const comm::Communicator& team, const WorkShares& shares,
                      const Heartbeat& beat, Rows& rows);

} // namespace fa::harness
