#pragma once
/// Γ as published code forms it from several vectors at once (design 3): in all of these a zero vector adds
/// 0, and a non-finite one makes the result undefined.

#include "diagnostics/norms.hpp"

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Unit vector along Σ_i v_i of the raw vectors, [d]; NaN where the sum is zero or not finite.
at::Tensor mean_direction(const SampleVectors& vectors);

/// `batchvec`: cos(Σ_i a_i, Σ_i g_i), a scalar tensor.
at::Tensor batchvec(const SampleVectors& credit, const SampleVectors& reference);

/// `flat` and `concat`: Σ⟨a, g⟩/√(Σ‖a‖²·Σ‖g‖²) along one axis of a table of vectors.
/// @param cosine, credit_norm, reference_norm  of each vector, [N, L+1]
/// @param axis  0: over the samples (`flat`, [L+1]); 1: over the layers (`concat`, [N])
at::Tensor combined_cosine(const at::Tensor& cosine, const at::Tensor& credit_norm,
                           const at::Tensor& reference_norm, std::int64_t axis);

} // namespace fa::diagnostics
