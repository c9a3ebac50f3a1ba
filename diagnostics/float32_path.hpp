#pragma once
/// A seventh pitfall: Γ by the usual float32 path, which a confident network breaks.

#include "diagnostics/credit.hpp"
#include "jobs/run_spec.hpp"
#include "models/network.hpp"

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Γ as usual code computes a and g, all in float32: forward, e = softmax − onehot (for mse logits − onehot),
/// a = B e, g by the backward of the loss at the scale of a 128 batch's mean. The cosine itself is taken in
/// double, without eps, so that this column shows this pitfall alone.
/// @param network  in float32
/// @param inputs   [N, …], converted to float32
/// @returns        [N, L+1] float64
/// @throws std::runtime_error if a gradient is undefined
at::Tensor float32_gamma(const models::Network& network, const at::Tensor& inputs, const at::Tensor& labels,
                         jobs::Loss loss, const CreditSignal& credit);

} // namespace fa::diagnostics
