#pragma once
/// Pitfall 3: what fp16 and bf16 leave of a gradient, and of a hidden state.

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// The largest finite fp16.
inline constexpr double fp16_largest = 65504.0;

/// `gradient` cast to `half` through float32, each time to the nearest (ties to even), and back to float64.
/// @param half  at::kHalf or at::kBFloat16
at::Tensor through_half(const at::Tensor& gradient, at::ScalarType half);

/// Share of each row's nonzero entries that became zero, [N]; NaN where there were none, and for non-finite
/// rows.
/// @param before, after  [N, d]
at::Tensor lost_share(const at::Tensor& before, const at::Tensor& after);

/// Share of each row's entries that fp16 cannot hold (beyond ±65504), [N]; NaN for non-finite rows.
/// @param hidden  [N, d]
at::Tensor fp16_overflow_share(const at::Tensor& hidden);

} // namespace fa::diagnostics
