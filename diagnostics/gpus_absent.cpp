/// A build without CUDA; diagnostics/cuda/gpus.cpp is the other.
#include "diagnostics/gpus.hpp"

namespace fa::diagnostics {

std::vector<Gpu> gpus()
{
    return {};
}

std::string why_no_gpu()
{
    return "this build has no CUDA (./scripts/setup --cuda makes one that has)";
}

std::string gpu_libraries()
{
    return "";
}

} // namespace fa::diagnostics
