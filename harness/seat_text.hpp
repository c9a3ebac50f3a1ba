#pragma once
/// What the user is told of the ranks' GPUs, in one sentence each. Empty where there is nothing to tell.
/// `seats` are of all ranks, in their order.

#include "harness/seats.hpp"

#include <span>
#include <string>

namespace fa::harness {

/// GPUs that ranks see and kernels don't run on: which, and what would be right.
/// @param on_gpus  whether the ranks compute on others
std::string unusable_gpus(std::span<const Seat> seats, bool on_gpus);

/// Ranks that share a GPU: which, how many, and what would be right.
/// @param seats  each with a GPU
std::string shared_gpus(std::span<const Seat> seats);

/// Ranks on parts (MIG) of one GPU: which, and how they exchange.
/// @param seats  each with a GPU
std::string divided_gpus(std::span<const Seat> seats);

/// Where each rank computes, for --dry-run: lines, one for each host, of many the first and last; or why all
/// compute on CPUs. Empty without seats.
std::string devices_text(std::span<const Seat> seats, bool on_gpus);

} // namespace fa::harness
