#pragma once
#include "diagnostics/cuda/block_gamma.hpp"

#include <cuda_runtime_api.h>

#include <cstddef>

namespace fa::diagnostics::device {

/// Computes on a GPU, by its index.
DeviceBackend cuda_backend(int gpu);

/// See load_gpu_kernels (gpu_gamma.hpp).
std::size_t load_kernels(int gpu);

/// Queues draws first … first + draws alone, as direct rules have them, [layers, width, R·C]: for tests and
/// benchmarks.
/// @param layers  the plan's, on the GPU
void queue_draws(const GammaPlan& plan, const PlannedLayer* layers, std::int64_t first, std::int64_t draws,
                 float* out, cudaStream_t stream);

} // namespace fa::diagnostics::device
