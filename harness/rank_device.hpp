#pragma once
/// Where a rank computes (design 9, "Ranks and teams"): on the GPU of its local rank, or on the CPU.

#include "diagnostics/gpus.hpp"
#include "harness/comm/communicator.hpp"
#include "harness/options.hpp"

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace fa::harness {

struct RankDevice {
    at::Device device = at::kCPU;
    std::string host;
    std::string name; ///< "GPU 1 (NVIDIA H100 80GB HBM3)"; of the CPU "CPU"
    std::string kind; ///< what a GPU's bits depend on: its model and CUDA's versions; empty on the CPU
    std::uint64_t memory = 0; ///< of a GPU, bytes
};

/// A rank as the others see it before they decide; of plain bytes, so that it can be gathered.
struct Seat {
    char host[64] = {};
    int local_rank = 0; ///< among the job's ranks on its machine
    int gpus = 0;       ///< that it sees
    int gpu = -1;       ///< index of the one it would take; −1: none
    char model[96] = {};
    char uuid[48] = {};    ///< of that one: two ranks that see one GPU each may see the same, or not
    char reason[160] = {}; ///< why it sees none
};

/// A rank's GPU is that of its local rank, modulo those that it sees.
std::optional<diagnostics::Gpu> gpu_of(int local_rank, std::span<const diagnostics::Gpu> visible);

Seat seat_of(const std::string& host, int local_rank, std::span<const diagnostics::Gpu> visible,
             const std::string& why_no_gpu);

/// Do the ranks compute on GPUs? The same answer on every rank.
/// @param seats  of all ranks, in their order
/// @throws UsageError for `--device cuda` where a rank has no GPU; MixedMachines (harness/machine_kind.hpp)
/// for `auto` where some ranks have one and others don't
bool on_gpus(DeviceChoice choice, std::span<const Seat> seats);

/// What the user is told where ranks share a GPU: which, how many, and what would be right. Empty where every
/// rank has one of its own.
/// @param seats  of all ranks, in their order, each with a GPU
std::string shared_gpus(std::span<const Seat> seats);

/// Looks for GPUs (unless the choice is the CPU) and decides with the other ranks; rank 0 tells of shared
/// ones on stderr. Collective in the world.
/// @throws as on_gpus, on every rank
RankDevice choose_device(DeviceChoice choice, const comm::Communicator& world);

} // namespace fa::harness
