#include "diagnostics/gamma_kernel.hpp"

namespace fa::diagnostics {

extern const GammaKernel gamma_kernel_baseline;
#ifdef FA_X86_KERNELS
extern const GammaKernel gamma_kernel_avx2;
extern const GammaKernel gamma_kernel_avx512;
#endif

const GammaKernel& gamma_kernel_for(random::InstructionSet set) noexcept
{
#ifdef FA_X86_KERNELS
    if (set == random::InstructionSet::avx2)
        return gamma_kernel_avx2;
    if (set == random::InstructionSet::avx512)
        return gamma_kernel_avx512;
#endif
    static_cast<void>(set);
    return gamma_kernel_baseline;
}

const GammaKernel& gamma_kernel() noexcept
{
    static const GammaKernel& fastest = gamma_kernel_for(random::fastest_instruction_set());
    return fastest;
}

} // namespace fa::diagnostics
