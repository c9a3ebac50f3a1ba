#pragma once
/// Which GPU a rank computes on, and whether ranks of a team share one: then NCCL can't serve them.

#include "harness/comm/communicator.hpp"

#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <vector>

namespace fa::harness {

struct RankGpu {
    int rank = 0;     ///< in the group that was asked
    std::string host; ///< its name
    std::string uuid; ///< empty: the rank computes on the CPU
    std::string bus; ///< place on the host's PCI bus: parts of one GPU (MIG) have one place and several uuids
    int index = 0;   ///< among the GPUs that the rank sees
};

/// Ranks that compute on one and the same GPU.
struct SharedGpu {
    std::vector<int> ranks; ///< at least two, ascending
    std::string host;
    int index = 0; ///< as the first of them counts
};

/// The GPU that the lowest ranks share; nothing where each has one of its own.
std::optional<SharedGpu> shared_gpu(const std::vector<RankGpu>& ranks);

/// Does each of several ranks compute on a GPU of its own?
bool have_gpus_of_their_own(const std::vector<RankGpu>& ranks);

/// What a user should know of teams whose ranks share GPUs; empty where none do. One sentence however many
/// there are.
std::string shared_gpu_notice(const std::vector<std::vector<RankGpu>>& teams);

/// Every rank's, where this one computes on `device`. Collective in the group.
/// @throws diagnostics::GpuError on this rank alone
std::vector<RankGpu> rank_gpus(const comm::Communicator& group, at::Device device);

} // namespace fa::harness
