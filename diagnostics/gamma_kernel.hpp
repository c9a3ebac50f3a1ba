#pragma once
/// The Γ engine's inner loops, one build per instruction set (diagnostics/instruction_set.hpp), equal bits
/// from all.

#include "diagnostics/instruction_set.hpp"

#include <cstdint>

namespace fa::diagnostics {

/// N rows (samples), R draws, C classes, d width; every array contiguous and row-major unless a stride is
/// given.
struct GammaKernel {
    /// numerator[i, r] = Σ_j product[i, r·C + j]·input[i, j]
    /// @param product [N, R·C]   @param input [N, C]   @param numerator [N, R]
    void (*contract)(const float* product, const float* input, std::int64_t rows, std::int64_t draws,
                     std::int64_t classes, float* numerator);

    /// gamma = numerator/√square, the one canonical NaN where that is undefined
    void (*divide)(const float* numerator, const float* square, std::int64_t count, float* gamma);

    /// packed[j ≤ k, r] = Σ_i B_ij·B_ik of draw r, doubled off the diagonal: `packed_gram`'s order; zeros
    /// from draw R on
    /// @param columns [d, R·C]   @param scratch gram_scratch(C) floats   @param packed [C(C+1)/2, padded(R)]
    void (*gram)(const float* columns, std::int64_t width, std::int64_t draws, std::int64_t classes,
                 float* scratch, float* packed);

    /// square[i, r] = Σ_{j≤k} packed[jk, r]·input_ij·input_ik = ‖B^r s_i‖²
    /// @param packed  as `gram` makes it   @param input [N, C]   @param square [N, R]
    void (*quadratic)(const float* packed, const float* input, std::int64_t rows, std::int64_t draws,
                      std::int64_t classes, float* square);

    /// squares[c] = Σ_i columns_ic²
    /// @param columns [d, count]
    void (*column_squares)(const float* columns, std::int64_t width, std::int64_t count, float* squares);

    /// cosine[k] = numerator[k]/(√square[k]·√of_all), the canonical NaN where that is not finite
    void (*cosines)(const double* numerator, const double* square, double of_all, std::int64_t count,
                    float* cosine);

    /// sums[r] += weight·values[r], in double
    void (*add_weighted)(const float* values, std::int64_t draws, double weight, double* sums);
};

/// Draws that are reckoned with where only some are there, so that all fill registers.
constexpr std::int64_t padded(std::int64_t draws)
{
    return (draws + 7) / 8 * 8;
}

/// Floats that `gram` needs beside its result.
constexpr std::int64_t gram_scratch(std::int64_t classes)
{
    return classes * 16 * 32;
}

/// @pre the set is among `supported_instruction_sets()`
const GammaKernel& gamma_kernel_for(random::InstructionSet set) noexcept;
/// The fastest that this processor runs.
const GammaKernel& gamma_kernel() noexcept;

} // namespace fa::diagnostics
