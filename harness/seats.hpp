#pragma once
/// Which GPUs the ranks of a job could compute on, seen together (design 9, "Ranks and teams"), and whether
/// they do.

#include "diagnostics/gpus.hpp"
#include "diagnostics/kernel_images.hpp"
#include "harness/options.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fa::harness {

/// The GPUs that a rank sees and that kernels run on.
struct UsableGpus {
    std::vector<diagnostics::Gpu> gpus;
    int unusable = 0;       ///< those that kernels don't run on
    std::string why_no_gpu; ///< why one is left out, or why none is seen; else empty
};

/// Whether kernels run is decided by their images and the compute capability, not by asking CUDA for a kernel
/// (cudaFuncGetAttributes): that takes a context and hundreds of MB on each GPU, --dry-run's too, and knows
/// nothing of LibTorch's kernels.
/// @param why_none  for where none is seen
UsableGpus usable_gpus(std::span<const diagnostics::Gpu> seen, std::span<const diagnostics::Kernels> kernels,
                       const std::string& why_none);

/// A rank as the others see it before they decide; of plain bytes, so that it can be gathered.
struct Seat {
    char host[64] = {};
    int gpus = 0;     ///< that it could compute on
    int gpu = -1;     ///< index of the one it would take; −1: none
    int unusable = 0; ///< GPUs that it sees besides
    char model[96] = {};
    char uuid[48] = {};    ///< of that one: two ranks that see one GPU each may see the same, or not
    char bus[32] = {};     ///< parts of one GPU (MIG) have uuids of their own, and one place
    char reason[320] = {}; ///< UsableGpus::why_no_gpu
};

/// A rank's GPU is that of its local rank, modulo those that it can use.
std::optional<diagnostics::Gpu> gpu_of(int local_rank, std::span<const diagnostics::Gpu> usable);

/// @param local_rank  among the job's ranks on its machine
Seat seat_of(const std::string& host, int local_rank, const UsableGpus& usable);

/// Do the ranks compute on GPUs? The same answer on every rank.
/// @param seats  of all ranks, in their order
/// @throws UsageError for `--device cuda` where a rank has no GPU; MixedMachines (harness/machine_kind.hpp)
/// for `auto` where some ranks have one and others don't
bool on_gpus(DeviceChoice choice, std::span<const Seat> seats);

/// "GPU 1 (NVIDIA H100 80GB HBM3)"
std::string gpu_name(int index, const std::string& model);

/// "rank 3 on host n2"
std::string shown(std::size_t rank, const Seat& seat);

} // namespace fa::harness
