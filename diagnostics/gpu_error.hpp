#pragma once
#include <stdexcept>

namespace fa::diagnostics {

/// A call of CUDA, cuBLAS or NCCL failed. Its state is unknown from there on, so this ends the job, not a run
/// (harness/device_errors.hpp). Out of memory is another thing: c10::OutOfMemoryError.
struct GpuError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace fa::diagnostics
