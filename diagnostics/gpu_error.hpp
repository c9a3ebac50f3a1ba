#pragma once
#include <stdexcept>

namespace fa::diagnostics {

/// A call of CUDA, cuBLAS or NCCL failed: which one, and the library's words. Nothing that this process asks
/// of the GPU afterwards can be believed. (Too little memory is no such error: it is LibTorch's
/// c10::OutOfMemoryError.)
struct GpuError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace fa::diagnostics
