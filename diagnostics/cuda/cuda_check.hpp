#pragma once
/// Every call of CUDA and cuBLAS goes through here.

#include "diagnostics/gpu_error.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <string>

namespace fa::diagnostics::device {

/// Too little memory for what CUDA and cuBLAS take past LibTorch's allocator: streams, handles, a kernel's
/// code at its first launch. (In cuda_queue.cpp, which knows LibTorch.)
/// @throws c10::OutOfMemoryError, always
[[noreturn]] void out_of_memory(const char* call);

/// @param call  its name
/// @throws GpuError unless it succeeded, c10::OutOfMemoryError where memory didn't suffice
inline void check(cudaError_t status, const char* call)
{
    if (status == cudaErrorMemoryAllocation)
        out_of_memory(call);
    if (status != cudaSuccess)
        throw GpuError(std::string(call) + ": CUDA error " + cudaGetErrorName(status) + ": " +
                       cudaGetErrorString(status));
}

inline void check(cublasStatus_t status, const char* call)
{
    if (status == CUBLAS_STATUS_ALLOC_FAILED)
        out_of_memory(call);
    if (status != CUBLAS_STATUS_SUCCESS)
        throw GpuError(std::string(call) + ": cuBLAS error " + cublasGetStatusName(status) + ": " +
                       cublasGetStatusString(status));
}

} // namespace fa::diagnostics::device
