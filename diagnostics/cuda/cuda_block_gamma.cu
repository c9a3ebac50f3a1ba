/// Every kernel of the Γ source is instantiated here. Compiled with --fmad=false (random_arithmetic.hpp).
#include "diagnostics/cuda/block_gamma_of.hpp"
#include "diagnostics/cuda/cuda_block_gamma.hpp"
#include "diagnostics/cuda/cuda_executor.cuh"

namespace fa::diagnostics::device {

DeviceBackend cuda_backend(int gpu)
{
    return {cublas_workspace_bytes, [gpu](const GammaPlan& plan, const RunInputs& inputs, std::byte* memory,
                                          const std::vector<Slot>& slots) {
                return block_gamma_of<CudaExecutor>(
                    plan, inputs, memory + cublas_workspace_bytes, slots,
                    std::make_unique<CudaExecutor>(gpu, slots.size(), memory));
            }};
}

std::size_t load_kernels(int gpu)
{
    check(cudaSetDevice(gpu), "cudaSetDevice");
    // To ask for a kernel's attributes loads it (CUDA programming guide, "Lazy Loading").
    for (const void* kernel : kernels()) {
        cudaFuncAttributes unused;
        check(cudaFuncGetAttributes(&unused, kernel), "cudaFuncGetAttributes");
    }
    return kernels().size();
}

void queue_draws(const GammaPlan& plan, const PlannedLayer* layers, std::int64_t first, std::int64_t draws,
                 float* out, cudaStream_t stream)
{
    launch_on(stream, joined_threads(plan, draws), joined_draws(plan, layers, first, draws, out));
}

} // namespace fa::diagnostics::device
