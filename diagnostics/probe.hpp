#pragma once
/// One forward and one seeded backward of one evaluation batch (design 2, "Output error", "Reference
/// gradient").

#include "diagnostics/norms.hpp"
#include "diagnostics/output_error.hpp"
#include "jobs/run_spec.hpp"
#include "models/network.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <vector>

namespace fa::diagnostics {

/// What one batch says before any credit signal: all [N, …] float64, contiguous. Of hidden states and their
/// gradients it is models::sample_rows, of class tokens for instance.
struct Probe {
    OutputError output;
    at::Tensor hidden_norm;                ///< ‖h_l‖, [N, L+1]
    std::vector<at::Tensor> hidden;        ///< h_l, [N, d_l]; empty where only the norms are known
    std::vector<at::Tensor> unit_gradient; ///< ĝ_l, [N, d_l]; NaN rows where g is zero or not finite
    std::vector<at::Tensor> gradient;      ///< ∂ℓ_i/∂h_{l,i} = ‖e_i‖ × row i of the seeded backward, [N, d_l]
    at::Tensor gradient_norm;              ///< ‖∂ℓ_i/∂h_{l,i}‖, [N, L+1]; not yet divided by 128

    std::size_t layers() const { return gradient.size(); }
    /// g_l of each sample.
    SampleVectors reference(std::size_t layer) const;
};

/// The backward is seeded with ê, not e, so that the rows keep their direction however small the errors are;
/// what follows the backward is in double even where the network is not.
/// @param inputs     [N, …], float64 or float32; converted to `precision`
/// @param labels     [N] int64
/// @param precision  that of the network
/// @throws std::runtime_error if a gradient is undefined (the network doesn't connect h_l to its logits)
Probe probe(const models::Network& network, const at::Tensor& inputs, const at::Tensor& labels,
            jobs::Loss loss, at::ScalarType precision = at::kDouble);

} // namespace fa::diagnostics
