#pragma once
/// Steps 2 and 3 of a run in its team (design 9): ranks divide the eval batches, then every rank holds what
/// the Γ engine needs of all of them.

#include "harness/collectives.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/exchange.hpp"
#include "harness/heartbeat.hpp"
#include "harness/prepared_run.hpp"
#include "harness/rows.hpp"

namespace fa::harness {

/// Measures this rank's share of the batches into `rows`, then exchanges. Collective in the team.
/// @throws comm::GroupError on every rank
BatchExchange measure_batches(const PreparedRun& run, const comm::Communicator& team,
                              const Collectives& collectives, const WorkShares& shares, const Heartbeat& beat,
                              Rows& rows);

/// This rank's share of the whole test split: right or wrong. Collective in the team.
void measure_accuracy(const PreparedRun& run, const comm::Communicator& team, const WorkShares& shares,
                      const Heartbeat& beat, Rows& rows);

} // namespace fa::harness
