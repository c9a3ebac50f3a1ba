#pragma once
/// What a GPU is asked to do besides running kernels: one stream that computes, one that copies results to
/// the host, cuBLAS.

#include "diagnostics/cuda/executor.hpp"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fa::diagnostics::device {

/// See executor.hpp.
class CudaQueue {
  public:
    /// @param workspace  cuBLAS's, `cublas_workspace_bytes` on that GPU
    /// Waits for all that was asked of the GPU before, on whichever stream.
    CudaQueue(int gpu, std::size_t slots, std::byte* workspace);
    ~CudaQueue();
    CudaQueue(const CudaQueue&) = delete;
    CudaQueue& operator=(const CudaQueue&) = delete;

    void gemm(const Gemm& shape, const float* a, const float* b, float* c);
    void gemm(const Gemm& shape, const double* a, const double* b, double* c);

    void upload(void* to, const void* from, std::size_t bytes);
    void download(std::size_t slot, void* to, const void* from, std::size_t bytes);
    void enter();
    void wait(std::size_t slot);
    void finish();

  protected:
    cudaStream_t compute() const { return compute_; }

  private:
    int gpu_;
    cudaStream_t compute_ = nullptr, copy_ = nullptr;
    cublasHandle_t cublas_ = nullptr;
    std::vector<cudaEvent_t> computed_, copied_; ///< by slot

    void make(std::size_t slots, std::byte* workspace);
    void release() noexcept;
    void multiply(const Gemm& shape, const void* a, const void* b, void* c, cudaDataType_t type,
                  cublasComputeType_t compute, const void* one, const void* zero);
};

} // namespace fa::diagnostics::device
