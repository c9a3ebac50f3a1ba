#pragma once
#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// What the Γ engine needs of one batch; rows that are undefined are NaN. s is what the rule's feedback
/// multiplies (`feedback_input`), e for dfa.
struct GammaInputs {
    std::vector<at::Tensor>
        reference;            ///< per layer [N + 1, d_l] float32: ĝ, and last the unit mean raw gradient
    at::Tensor input;         ///< [N + 1, C] float32: ŝ, and last the unit mean raw s
    at::Tensor gradient_norm; ///< ‖g‖, [N, L+1] float64 (weights of flat and concat)
    at::Tensor input_norm;    ///< ‖s‖, [N] float64
    /// Of gated chains: per layer [N, d_l] float32, rows of σ′(z_l) divided by their root mean square, so
    /// that credit keeps its size on the way down; zeros where σ′ is 0 throughout.
    std::vector<at::Tensor> gate{};
    at::Tensor gate_size{}; ///< those root mean squares, [N, L+1] float64
};

} // namespace fa::diagnostics
