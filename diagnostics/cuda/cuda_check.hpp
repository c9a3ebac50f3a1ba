#pragma once
/// Every call of CUDA and cuBLAS goes through here.

#include "diagnostics/gpu_error.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <string>

namespace fa::diagnostics::device {

/// @param call  its name
/// @throws GpuError unless it succeeded
inline void check(cudaError_t status, const char* call)
{
    if (status != cudaSuccess)
        throw GpuError(std::string(call) + ": CUDA error " + cudaGetErrorName(status) + ": " +
                       cudaGetErrorString(status));
}

inline void check(cublasStatus_t status, const char* call)
{
    if (status != CUBLAS_STATUS_SUCCESS)
        throw GpuError(std::string(call) + ": cuBLAS error " + cublasGetStatusName(status) + ": " +
                       cublasGetStatusString(status));
}

} // namespace fa::diagnostics::device
