#include "tests/gpu/the_gpu.hpp"

#include "diagnostics/cuda/cuda_block_gamma.hpp"
#include "diagnostics/cuda/cuda_check.hpp"
#include "diagnostics/gpu_gamma.hpp"

#include <cuda_runtime_api.h>

namespace fa::gpu_test {

at::Device gpu()
{
    return {at::kCUDA, 0};
}

std::unique_ptr<diagnostics::GammaSource> gamma_source(const diagnostics::GammaTask& task, int in_flight)
{
    return diagnostics::gpu_gamma_source(task, in_flight);
}

void make_draws(const diagnostics::device::GammaPlan& plan, const diagnostics::device::PlannedLayer* layers,
                std::int64_t first, std::int64_t draws, float* out)
{
    using diagnostics::device::check;
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize"); // memory is ready
    diagnostics::device::queue_draws(plan, layers, first, draws, out, nullptr);
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

} // namespace fa::gpu_test
