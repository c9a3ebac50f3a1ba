#include "diagnostics/product_kernel.hpp"

#include <algorithm>

namespace fa::diagnostics {

extern const ProductKernel product_kernel_baseline;
#ifdef FA_X86_KERNELS
extern const ProductKernel product_kernel_avx2;
extern const ProductKernel product_kernel_avx512;
#endif

const ProductKernel& product_kernel_for(random::InstructionSet set) noexcept
{
#ifdef FA_X86_KERNELS
    if (set == random::InstructionSet::avx2)
        return product_kernel_avx2;
    if (set == random::InstructionSet::avx512)
        return product_kernel_avx512;
#endif
    static_cast<void>(set);
    return product_kernel_baseline;
}

const ProductKernel& product_kernel() noexcept
{
    static const ProductKernel& fastest = product_kernel_for(random::fastest_instruction_set());
    return fastest;
}

void pack(const float* from, std::int64_t row_stride, std::int64_t depth, std::int64_t columns, float* panels)
{
    std::int64_t c = 0;
    for (; c + panel_width <= columns; c += panel_width)
        for (std::int64_t k = 0; k < depth; ++k, panels += panel_width)
            std::copy_n(from + k * row_stride + c, panel_width, panels);
    for (std::int64_t k = 0; c < columns && k < depth; ++k, panels += panel_width)
        std::fill(std::copy_n(from + k * row_stride + c, columns - c, panels), panels + panel_width, 0.0F);
}

void pack_transposed(const float* from, std::int64_t depth, std::int64_t columns, float* panels)
{
    for (std::int64_t c = 0; c < columns; c += panel_width) {
        const std::int64_t count = std::min(panel_width, columns - c);
        for (std::int64_t k = 0; k < depth; ++k)
            for (std::int64_t lane = 0; lane < panel_width; ++lane)
                *panels++ = lane < count ? from[(c + lane) * depth + k] : 0.0F;
    }
}

} // namespace fa::diagnostics
