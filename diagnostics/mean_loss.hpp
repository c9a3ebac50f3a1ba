#pragma once

namespace fa::diagnostics {

/// Norms and pitfalls are stated at the mean-loss convention of a 128 batch, ∂ℓ_i/∂h divided by 128, whatever
/// batch size was used (design 2, diagnostic (b)).
inline constexpr double mean_loss_batch = 128.0;

} // namespace fa::diagnostics
