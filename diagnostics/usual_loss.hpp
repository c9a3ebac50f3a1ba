#pragma once
#include "jobs/run_spec.hpp"

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Σ_i ℓ_i as usual code writes it, in the logits' precision and part of their graph, a scalar.
/// (`output_error` is the one that keeps its digits.)
/// @param logits [N, C]
/// @param labels [N] int64
at::Tensor usual_loss(const at::Tensor& logits, const at::Tensor& labels, jobs::Loss loss);

} // namespace fa::diagnostics
