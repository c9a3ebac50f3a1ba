#pragma once
/// Step 4 of a run in its team (design 9): ranks divide the draws in contiguous blocks.

#include "aggregation/strategy.hpp"
#include "aggregation/strategy_cache.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "diagnostics/kept_draws.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/heartbeat.hpp"
#include "harness/prepared_run.hpp"
#include "harness/rows.hpp"

#include <vector>

namespace fa::harness {

/// Γ_fresh of this rank's draws into `rows`, the histogram into the leader's, and every strategy's value and
/// layer's mean for every draw (complete on each rank). Collective in the team.
/// @param batches  what the Γ engine needs of every eval batch
/// @param draws    of this run's spec
/// @throws comm::GroupError on every rank
aggregation::StrategyValues measure_fresh(const PreparedRun& run, const comm::Communicator& team,
                                          const std::vector<diagnostics::GammaInputs>& batches,
                                          const std::vector<aggregation::Strategy>& strategies,
                                          const WorkShares& shares, const Heartbeat& beat,
                                          diagnostics::KeptDraws& draws, Rows& rows);

/// Sums the ranks' counts ([L+1, 2048] int64) exactly, as integers; the leader puts them.
void put_histogram(const char* dataset, at::Tensor counts, const comm::Communicator& team, Rows& rows);

/// Counts of Γ per layer and bin, [L+1, 2048] int64, of Γ [..., L+1].
void count_layers(const at::Tensor& gamma, at::Tensor& counts);
at::Tensor empty_counts(std::int64_t layers);

} // namespace fa::harness
