#pragma once
/// The output error e, where every credit signal starts (design 2, "Output error").

#include "jobs/run_spec.hpp"

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// e_i = ∂ℓ_i/∂logits_i of each sample, in double.
struct OutputError {
    at::Tensor loss;  ///< ℓ_i, [N]
    at::Tensor error; ///< e, [N, C]
    at::Tensor norm;  ///< ‖e‖, [N]
    at::Tensor unit;  ///< ê = e/‖e‖, [N, C]; a zero row where ‖e‖ is 0, NaN where it is not finite
};

/// Cross entropy through log-softmax: e_j = p_j for j ≠ y, and e_y = −Σ_{j≠y} p_j, which p_y − 1 would lose
/// once p_y rounds to 1. mse: ℓ = ½‖logits − onehot(y)‖².
/// @param logits [N, C], any precision
/// @param labels [N] int64, 0 … C − 1
OutputError output_error(const at::Tensor& logits, const at::Tensor& labels, jobs::Loss loss);

/// The same of a loss [N] and an error [N, C] that are known already, float64.
OutputError known_output_error(const at::Tensor& loss, const at::Tensor& error);

/// 1 where the first maximum of the logits is the label, else 0 (NaN logits are wrong), [N] uint8.
at::Tensor correct(const at::Tensor& logits, const at::Tensor& labels);

} // namespace fa::diagnostics
