#pragma once
/// The executor (executor.hpp) that is a GPU. For nvcc alone.

#include "diagnostics/cuda/cuda_check.hpp"
#include "diagnostics/cuda/cuda_queue.hpp"

#include <cuda_runtime.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace fa::diagnostics::device {

inline constexpr int threads_per_block = 256;

template <typename Body>
__global__ void __launch_bounds__(threads_per_block) run_body(Body body, std::int64_t count)
{
    const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * threads_per_block + threadIdx.x;
    if (index < count)
        body(index);
}

/// Every kernel that something launches, before main begins.
inline std::vector<const void*>& kernels()
{
    static std::vector<const void*> all;
    return all;
}

template <typename Body>
const bool is_listed = (kernels().push_back(reinterpret_cast<const void*>(&run_body<Body>)), true);

template <typename Body>
void launch_on(cudaStream_t stream, std::int64_t count, const Body& body)
{
    static_cast<void>(is_listed<Body>); // names it, so that it is there
    const std::int64_t blocks = (count + threads_per_block - 1) / threads_per_block;
    if (blocks > std::numeric_limits<std::int32_t>::max())
        throw GpuError("a kernel of more threads than CUDA starts at once");
    run_body<<<static_cast<unsigned>(blocks), threads_per_block, 0, stream>>>(body, count);
    check(cudaGetLastError(), "kernel launch");
}

class CudaExecutor : public CudaQueue {
  public:
    using CudaQueue::CudaQueue;

    template <typename Body>
    void launch(std::int64_t count, const Body& body)
    {
        launch_on(compute(), count, body);
    }
};

} // namespace fa::diagnostics::device
