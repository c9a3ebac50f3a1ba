#pragma once
/// Γ of known feedback matrices, by the direct form in double (design 2, "Γ").

#include "diagnostics/norms.hpp"

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Γ_i = ⟨a_i, g_i⟩/(‖a_i‖‖g_i‖), [N]; no eps anywhere. NaN where a or g is zero or not finite.
at::Tensor gamma(const SampleVectors& credit, const SampleVectors& reference);

/// Γ against g minus its mean over the batch's defined samples, [N]: what is left when drift is taken out.
/// NaN where a_i or g_i is undefined, or where nothing is left of g_i.
at::Tensor centered_gamma(const SampleVectors& credit, const SampleVectors& reference);

} // namespace fa::diagnostics
