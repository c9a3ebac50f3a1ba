#pragma once
/// What this build has for GPUs.

#include "diagnostics/kernel_images.hpp"

#include <string>
#include <vector>

namespace fa::harness {

/// Versions of CUDA, cuBLAS and NCCL as they are loaded, and what our kernels are compiled for; or that it
/// has nothing. One line; needs no GPU and no driver.
std::string accelerator_versions();

/// LibTorch's kernels and ours, by what each says of itself; none in a build without CUDA. Needs no GPU and
/// no driver, and leaves open what instructions LibTorch uses on the CPU.
std::vector<diagnostics::Kernels> kernels_in_use();

} // namespace fa::harness
