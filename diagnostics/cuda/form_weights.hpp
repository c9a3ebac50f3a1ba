#pragma once
/// What the vector forms weigh n and q with: lengths of g and s relative to the longest of the batch (flat)
/// or of the sample's layers (concat), as in diagnostics/fresh_vector_forms.cpp. They depend on no draw, so a
/// run has them once.

#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/gate_rows.hpp"

#include <ATen/ATen.h>

#include <span>
#include <vector>

namespace fa::diagnostics::device {

/// Weights of all windows, float64 on the CPU: see WindowWeights and ChainProducts. Tables of rows stand
/// window by window, each [L+1, rows], and so do `flat_gradient` [B, L+1] and `concat_gradient` [rows].
struct FormWeights {
    at::Tensor flat_numerator, flat_square, concat_numerator, concat_square;
    at::Tensor flat_gradient, concat_gradient;
    at::Tensor mean; ///< gated chains: GateRows::weight; else empty
};

/// @param lengths  `relative_lengths` of the layers
/// @pre the batches' norms and sizes of gates are on the CPU
FormWeights form_weights(const GammaPlan& plan, const std::vector<GammaInputs>& batches,
                         std::span<const double> lengths);

} // namespace fa::diagnostics::device
