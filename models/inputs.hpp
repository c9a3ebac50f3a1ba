#pragma once
/// The two ends of what every network of named tensors does with its inputs.

#include <ATen/ATen.h>

#include <cstdint>

namespace fa::models {

/// Inputs as vectors, [N, …] → [N, features].
/// @throws std::invalid_argument if their size or precision isn't the network's
at::Tensor vector_inputs(const at::Tensor& inputs, std::int64_t features, at::ScalarType precision);

/// h_0 as a leaf, where gradients are recorded and nothing before it requires one. The trap: tensors read
/// from a file don't require grad, so that without a leaf no gradient behind h_0 would exist.
at::Tensor recorded(at::Tensor h);

} // namespace fa::models
