#pragma once
/// What another framework measured on one batch, in place of a network that could be run (docs/tensors.md).

#include "diagnostics/probe.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// All float64, rows of one batch's N samples.
struct GivenTensors {
    std::vector<at::Tensor> gradient; ///< ∂ℓ_i/∂h_{l,i} of each sample's own loss, [N, d_l]
    at::Tensor error;                 ///< e, [N, C]
    std::vector<at::Tensor> hidden;   ///< h_l, [N, d_l]; empty where only their norms were kept
    at::Tensor hidden_norm;           ///< ‖h_l‖, [N, L+1]; undefined where the states are known
    at::Tensor loss;                  ///< ℓ_i, [N]; undefined where it was not kept
    std::vector<at::Tensor> credit;   ///< a_l, [N, d_l]; empty where it was not kept
};

/// The same on a device.
GivenTensors moved(GivenTensors given, at::Device device);

/// The probe that forward and backward would have left. A loss that was not kept is NaN.
Probe probe_of(const GivenTensors& given);

} // namespace fa::diagnostics
