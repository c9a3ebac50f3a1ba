#include "diagnostics/gpu_gamma.hpp"

#include <stdexcept>

namespace fa::diagnostics {

std::size_t load_gpu_kernels(int)
{
    throw std::logic_error("this build has no CUDA to load kernels with");
}

std::unique_ptr<GammaSource> gpu_gamma_source(const GammaTask&, int)
{
    throw std::logic_error("this build has no CUDA to compute Γ with");
}

} // namespace fa::diagnostics
