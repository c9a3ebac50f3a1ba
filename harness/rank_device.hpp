#pragma once
/// Where a rank computes (design 9, "Ranks and teams"): on the GPU of its local rank, or on the CPU.

#include "harness/comm/communicator.hpp"
#include "harness/seats.hpp"

#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fa::harness {

struct RankDevice {
    at::Device device = at::kCPU;
    std::string host;
    std::string name; ///< "GPU 1 (NVIDIA H100 80GB HBM3)"; of the CPU "CPU"
    std::string kind; ///< what a GPU's bits depend on: its model and CUDA's versions; empty on the CPU
    std::uint64_t memory = 0; ///< of a GPU, bytes
};

/// What the ranks have agreed on.
struct Seating {
    std::vector<Seat> seats; ///< of all ranks, in their order; none where the choice is the CPU
    bool on_gpus = false;
    RankDevice mine;
};

/// Looks for GPUs (unless the choice is the CPU) and decides with the other ranks; rank 0 tells of unusable,
/// shared and divided ones on stderr. Collective in the world.
/// @throws as on_gpus (harness/seats.hpp), on every rank
Seating choose_devices(DeviceChoice choice, const comm::Communicator& world);

} // namespace fa::harness
