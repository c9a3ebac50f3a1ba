#pragma once
/// Which GPU each rank of a team computes on: where some share one NCCL can't serve them. (rank_device.hpp
/// tells the user.)

#include "harness/comm/communicator.hpp"

#include <ATen/ATen.h>

#include <string>
#include <vector>

namespace fa::harness {

struct RankGpu {
    std::string host; ///< its name
    std::string uuid; ///< empty: the rank computes on the CPU
    std::string bus; ///< place on the host's PCI bus: parts of one GPU (MIG) have one place and several uuids
};

/// Does each of several ranks compute on a GPU of its own?
bool have_gpus_of_their_own(const std::vector<RankGpu>& ranks);

/// Every rank's, where this one computes on `device`. Collective in the group.
/// @throws diagnostics::GpuError on this rank alone, whose GPU is gone
std::vector<RankGpu> rank_gpus(const comm::Communicator& group, at::Device device);

} // namespace fa::harness
