#pragma once
/// Counts of Γ per layer and bin, summed over a team's ranks.

#include "harness/collectives.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/rows.hpp"

#include <ATen/ATen.h>

namespace fa::harness {

/// No count yet, [L+1, 2048] int64.
at::Tensor empty_counts(std::int64_t layers);
/// Adds Γ [..., L+1] to counts [L+1, 2048].
void count_layers(const at::Tensor& gamma, at::Tensor& counts);
/// Sums the ranks' counts ([L+1, 2048] int64) exactly, as integers; the leader puts them. Collective in the
/// team.
void put_histogram(const char* dataset, at::Tensor counts, const comm::Communicator& team,
                   const Collectives& collectives, Rows& rows);

} // namespace fa::harness
