#include "diagnostics/gpu_gamma.hpp"

#include "diagnostics/cuda/cuda_block_gamma.hpp"
#include "diagnostics/cuda/device_source.hpp"

#include <stdexcept>

namespace fa::diagnostics {

std::size_t load_gpu_kernels(int gpu)
{
    return device::load_kernels(gpu);
}

std::unique_ptr<GammaSource> gpu_gamma_source(const GammaTask& task, int in_flight)
{
    const auto plan = device::gamma_plan(task.draws, static_cast<std::int64_t>(task.batches.size()),
                                         task.batch_size, task.most_draws);
    const at::Device gpu = task.batches.front().input.device();
    if (!gpu.is_cuda())
        throw std::invalid_argument("the batches are not on a GPU, but on " + gpu.str());
    return std::make_unique<device::DeviceSource>(task, plan, in_flight, device::cuda_backend(gpu.index()));
}

} // namespace fa::diagnostics
