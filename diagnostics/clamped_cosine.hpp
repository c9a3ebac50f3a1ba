#pragma once
/// Pitfall 2: what F.cosine_similarity would have printed.

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// F.cosine_similarity's default.
inline constexpr double cosine_similarity_eps = 1e-8;

/// PyTorch ≤ 1.11: ⟨a, g⟩ / max(‖a‖‖g‖, eps). A zero norm gives 0, as there.
/// @param cosine                  Γ without any eps
/// @param credit_norm, reference_norm  at the scale at which the function would have been called; shapes as
/// `cosine`
at::Tensor clamped_cosine_old(const at::Tensor& cosine, const at::Tensor& credit_norm,
                              const at::Tensor& reference_norm);

/// PyTorch ≥ 1.12: ⟨a, g⟩ / (max(‖a‖, eps) · max(‖g‖, eps)).
at::Tensor clamped_cosine_new(const at::Tensor& cosine, const at::Tensor& credit_norm,
                              const at::Tensor& reference_norm);

} // namespace fa::diagnostics
