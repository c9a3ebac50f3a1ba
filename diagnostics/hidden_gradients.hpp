#pragma once
#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// Derivatives of ⟨output, seed⟩ with respect to each hidden state, as the graph computes them.
/// @param hidden  h_0 … h_L, of any shapes, of the graph that leads to `output`
/// @param seed    a constant, shaped as `output`
/// @returns       one tensor a layer, shaped as its hidden state
/// @throws std::runtime_error naming the first layer that the graph does not connect to the output: its
/// gradient is
///         undefined, and zeros in its place would be measured as if they were one
std::vector<at::Tensor> hidden_gradients(const std::vector<at::Tensor>& hidden, const at::Tensor& output,
                                         const at::Tensor& seed);

} // namespace fa::diagnostics
