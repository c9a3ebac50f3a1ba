#pragma once
/// What `--keep batches` stores in place of the samples' Γ (design 6).

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Of `gamma` [R_b, N, L+1] float32, over the defined samples: each [R_b, L+1] float32; NaN where there are
/// none.
struct BatchSummary {
    at::Tensor mean, median, iqm, angle, count;
};
BatchSummary summarise(const at::Tensor& gamma);

} // namespace fa::diagnostics
