#include "diagnostics/norms_kernel.hpp"

namespace fa::diagnostics {

extern const NormsKernel norms_kernel_baseline;
#ifdef FA_X86_KERNELS
extern const NormsKernel norms_kernel_avx2;
extern const NormsKernel norms_kernel_avx512;
#endif

const NormsKernel& norms_kernel_for(random::InstructionSet set) noexcept
{
#ifdef FA_X86_KERNELS
    if (set == random::InstructionSet::avx2)
        return norms_kernel_avx2;
    if (set == random::InstructionSet::avx512)
        return norms_kernel_avx512;
#endif
    static_cast<void>(set);
    return norms_kernel_baseline;
}

} // namespace fa::diagnostics
