#pragma once
/// The Γ engine: a block of draws on one batch, one GEMM per layer (design 9, "The Γ engine").

#include "diagnostics/draws.hpp"
#include "diagnostics/measure.hpp"

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Γ of a block of R_b draws on one batch; float32, contiguous, on the CPU, one canonical NaN for undefined.
struct FreshGamma {
    at::Tensor gamma;    ///< [R_b, N, L+1]
    at::Tensor batchvec; ///< [R_b, L+1]
    at::Tensor flat;     ///< [R_b, L+1]
    at::Tensor concat;   ///< [R_b, N]
};

/// Γ = n/√q with n = ⟨Bê, ĝ⟩ and q = ‖Bê‖², to 2e-6 of the exact value for the float32 inputs.
///
/// Layers whose block has Gram matrices: n from the product ĝ·[B¹ … Bᴿ] contracted with ê, q = êᵀ(BᵀB)ê.
/// Other layers, where C is not small against d: Bê itself. Both lose digits where B nearly cancels ê: pairs
/// of draw and sample with q < max(0.02, 1e-4·C)·max_j ‖B_j‖² are computed again in double. (That bound is at
/// least 1e-4·λ_max(BᵀB); 0.02 keeps float32's error of q, about 6e-8·max_j ‖B_j‖², below the tolerance.)
///
/// Every value's bits depend on its batch and its block alone: the shapes of all products follow from N and
/// R_b.
/// @throws std::invalid_argument if shapes disagree
FreshGamma gamma_of_draws(const GammaInputs& batch, const DrawBlock& draws);

/// What `--keep batches` stores instead of the samples, of `gamma` [R_b, N, L+1]: each [R_b, L+1] float32 but
/// the count (float32 too: section 6), over the defined samples; NaN where there are none.
struct BatchSummary {
    at::Tensor mean, median, iqm, angle, count;
};
BatchSummary summarise(const at::Tensor& gamma);

} // namespace fa::diagnostics
