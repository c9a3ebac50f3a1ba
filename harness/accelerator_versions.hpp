#pragma once
#include <string>

namespace fa::harness {

/// What this build has for GPUs: versions of CUDA, cuBLAS and NCCL as they are loaded, and what our kernels
/// are compiled for; or that it has nothing. One line; needs no GPU and no driver.
std::string accelerator_versions();

} // namespace fa::harness
