#pragma once
#include <ATen/ATen.h>

namespace fa::diagnostics {

inline constexpr std::int64_t histogram_bins = 2048;

/// 2 048 equal bins on [−1, 1] of Γ's defined values: bin k is [−1 + k/1024, −1 + (k+1)/1024), the last one
/// closed; values beyond ±1 by rounding fall into the end bins, NaN is not counted. Adds to `counts` ([2048]
/// int64).
/// @param gamma  of any shape, float32 or float64
void add_to_histogram(const at::Tensor& gamma, at::Tensor& counts);

} // namespace fa::diagnostics
