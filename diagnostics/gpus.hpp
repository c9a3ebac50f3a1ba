#pragma once
/// The GPUs of this machine that this process can see. Without LibTorch: asked before its first call.

#include <cstdint>
#include <string>
#include <vector>

namespace fa::diagnostics {

struct Gpu {
    int index = 0;            ///< as CUDA counts those that are visible (CUDA_VISIBLE_DEVICES)
    std::string name;         ///< its model: "NVIDIA H100 80GB HBM3"
    std::string uuid;         ///< "GPU-…", of this GPU alone, whatever its index is in another process
    std::string bus{};        ///< its place on the machine's PCI bus; parts of one GPU (MIG) share it
    int major = 0, minor = 0; ///< compute capability
    std::uint64_t memory = 0; ///< bytes
    int multiprocessors = 0;  ///< what cuBLAS chooses its kernels by, beside the capability
};

/// In the order of their indices; none where there is none.
std::vector<Gpu> gpus();

/// Why there is none: "no NVIDIA driver", or that this build has no CUDA. Empty where there is one.
std::string why_no_gpu();

/// Versions that a GPU's numbers depend on: "CUDA 13.0, cuBLAS 13.0.2". Empty in a build without CUDA.
std::string gpu_libraries();

} // namespace fa::diagnostics
