#include "harness/accelerator_versions.hpp"

#include "diagnostics/gpus.hpp"
#include "harness/cuda/nccl_communicator.hpp"

#include <caffe2/core/common.h>
#include <fmt/format.h>

namespace fa::harness {
namespace {

/// As LibTorch recorded them; older ones than 2.13 may not have. (Its CUDA part tells them, too, and fails
/// where there is no driver.)
std::string nvcc_flags_of_torch()
{
    const auto& recorded = caffe2::GetBuildOptions();
    const auto flags = recorded.find("CUDA_FLAGS");
    return flags == recorded.end() ? "" : flags->second;
}

} // namespace

std::string accelerator_versions()
{
    return fmt::format("{}, NCCL {}; kernels for {}", diagnostics::gpu_libraries(),
                       NcclCommunicator::version(), FA_CUDA_ARCHITECTURES);
}

std::vector<diagnostics::Kernels> kernels_in_use()
{
    // LibTorch's first: where both lack a GPU, building again wouldn't help.
    return {{.whose = "LibTorch",
             .images = diagnostics::images_of(nvcc_flags_of_torch()),
             .remedy = "take a LibTorch that has some for it"},
            {.whose = "this build",
             .images = diagnostics::images_of(FA_NVCC_ARCHITECTURES),
             .remedy = "configure it again with a TORCH_CUDA_ARCH_LIST that names it, and build"}};
}

} // namespace fa::harness
