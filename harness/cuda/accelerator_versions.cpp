#include "harness/accelerator_versions.hpp"

#include "diagnostics/gpus.hpp"
#include "harness/cuda/nccl_communicator.hpp"

#include <fmt/format.h>

namespace fa::harness {

std::string accelerator_versions()
{
    return fmt::format("{}, NCCL {}; kernels for {}", diagnostics::gpu_libraries(),
                       NcclCommunicator::version(), FA_CUDA_ARCHITECTURES);
}

} // namespace fa::harness
