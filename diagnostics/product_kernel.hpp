#pragma once
/// The Γ engine's matrix products, one build per instruction set (diagnostics/instruction_set.hpp).
///
/// An own product, because the engine wants more of it than a library gives: draws packed once for many
/// batches, lengths and inner products taken while the result is in registers, nothing allocated, and the
/// same bits from every processor. Each sum runs over k in order, one fused multiply-add after the other,
/// whichever tile an element falls in; MKL's last bits depend on shapes, alignment and processor.

#include "diagnostics/instruction_set.hpp"

#include <cstdint>

namespace fa::diagnostics {

/// A matrix M [depth, columns] is packed in panels of 16 columns, [⌈columns/16⌉, depth, 16], the last one
/// filled up with zeros.
inline constexpr std::int64_t panel_width = 16;

constexpr std::int64_t panels_of(std::int64_t columns)
{
    return (columns + panel_width - 1) / panel_width;
}

/// Rows of credit vectors that are compared with reference gradients as they are computed.
struct Comparison {
    const float* reference;       ///< ĝ, [rows, columns]
    const float* above = nullptr; ///< [rows, columns] added to the product before the gain, or null
    const float* gate = nullptr;  ///< [rows, columns], multiplies the credit before it is compared, or null
    float gain = 1.0F;            ///< credit = gate ⊙ gain·(a·M + above)
    float* credit = nullptr;      ///< where the credit goes, [rows, columns], or null: it isn't kept
    float* numerator;             ///< numerator[i·stride] = ⟨credit_i, ĝ_i⟩
    float* square;                ///< square[i·stride] = ‖credit_i‖²
    std::int64_t stride = 1;
    float* scratch; ///< comparison_scratch(rows) floats
};

constexpr std::int64_t comparison_scratch(std::int64_t rows)
{
    return 2 * panel_width * rows;
}

struct ProductKernel {
    /// out = a·M
    /// @param a [rows, depth]   @param panels of M   @param out [rows, columns]
    void (*multiply)(const float* a, std::int64_t rows, std::int64_t depth, const float* panels,
                     std::int64_t columns, float* out);

    /// credit = gate ⊙ gain·(a·M + above), its inner products with the reference and its squared lengths
    void (*compare)(const float* a, std::int64_t rows, std::int64_t depth, const float* panels,
                    std::int64_t columns, const Comparison& comparison);
};

/// @pre the set is among `supported_instruction_sets()`
const ProductKernel& product_kernel_for(random::InstructionSet set) noexcept;
/// The fastest that this processor runs.
const ProductKernel& product_kernel() noexcept;

/// @param from  M, rows `row_stride` floats apart   @param panels  panels_of(columns)·depth·16 floats
void pack(const float* from, std::int64_t row_stride, std::int64_t depth, std::int64_t columns,
          float* panels);
/// The same of Mᵀ: M [columns, depth] is contiguous.
void pack_transposed(const float* from, std::int64_t depth, std::int64_t columns, float* panels);

} // namespace fa::diagnostics
