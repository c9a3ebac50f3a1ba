#pragma once
/// The GPU that gamma_test and draws_test try (the_gpu.cpp). Where there is none the programs themselves are
/// rehearsed, with the host in its place (rehearsed_gpu.cpp): so they have run before a GPU first runs them.

#include "diagnostics/cuda/device_source.hpp"

#include <c10/core/Device.h>

#include <cstdint>
#include <memory>

namespace fa::gpu_test {

/// Where tensors for it lie.
at::Device gpu();

/// As diagnostics::gpu_gamma_source.
std::unique_ptr<diagnostics::GammaSource> gamma_source(const diagnostics::GammaTask& task, int in_flight);

/// Draws first … first + draws, [layers, width, R·C]; returns once they are there.
/// @param layers, out  on the GPU
void make_draws(const diagnostics::device::GammaPlan& plan, const diagnostics::device::PlannedLayer* layers,
                std::int64_t first, std::int64_t draws, float* out);

} // namespace fa::gpu_test
