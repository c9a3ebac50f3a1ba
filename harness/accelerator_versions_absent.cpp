#include "harness/accelerator_versions.hpp"

namespace fa::harness {

std::string accelerator_versions()
{
    return "NCCL, CUDA: not in this build";
}

std::vector<diagnostics::Kernels> kernels_in_use()
{
    return {};
}

} // namespace fa::harness
