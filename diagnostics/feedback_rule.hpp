#pragma once
/// What tells the rules with feedback matrices apart (design 2, "Credit signals"): the vector s at the output
/// that they carry down, and the way down.

#include "diagnostics/norms.hpp"
#include "diagnostics/output_error.hpp"
#include "jobs/run_spec.hpp"
#include "models/checkpoint.hpp"
#include "models/network.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace fa::diagnostics {

/// From the vector s at the output to the credit a_l of each layer.
enum class Propagation {
    direct,         ///< a_l = B_l s: dfa, sdfa, drtp
    chain,          ///< a_L = B_L s, a_l = B_l a_{l+1}: fa_noskip
    residual_chain, ///< a_L = B_L s, a_l = a_{l+1} + B_l a_{l+1}, the skip being exact: fa
    gated_chain,    ///< a_L = B_L s, a_l = B_l (σ′(z_{l+1}) ⊙ a_{l+1}): fa of a plain MLP (Lillicrap et al.
                    ///< 2016), hidden states after the activation
    gated_chain_before, ///< a_L = σ′(z_L) ⊙ B_L s, a_l = σ′(z_l) ⊙ B_l a_{l+1}: the same, hidden states
                        ///< before the activation
};

constexpr bool is_chain(Propagation propagation) noexcept
{
    return propagation != Propagation::direct;
}
/// Does it need the network's gates σ′(z_l)?
constexpr bool is_gated(Propagation propagation) noexcept
{
    return propagation == Propagation::gated_chain || propagation == Propagation::gated_chain_before;
}

/// @param plain  `plain_states` of the network: fa is another rule for one without skips
/// Rules without feedback matrices count as direct.
Propagation propagation_of(jobs::Credit credit,
                           std::optional<models::HiddenStates> plain = std::nullopt) noexcept;

/// Shapes of B_0 … B_L: [d_l, C]; in a chain [d_l, d_{l+1}] below L.
/// @throws std::invalid_argument for fa where widths differ: it adds a_{l+1} to B_l a_{l+1}
std::vector<models::MatrixShape>
feedback_shapes(Propagation propagation, const std::vector<std::int64_t>& widths, std::int64_t classes);

/// Standard deviations of feedback that nothing else is known of, 1/√columns: 1/√C, and 1/√d in a chain.
std::vector<double> default_feedback_scale(const std::vector<models::MatrixShape>& shapes);

/// s of each sample: e (dfa, fa, fa_noskip), sign(e) (sdfa) or −onehot(y) (drtp), as unit rows [N, C] and
/// lengths [N]. With cross entropy sign(e) is 1 − 2·onehot(y), which no rounding of e can change.
SampleVectors feedback_input(jobs::Credit credit, jobs::Loss loss, const OutputError& output,
                             const at::Tensor& labels);

/// The same, not normalised, from the float32 error of usual code, [N, C].
at::Tensor feedback_input(jobs::Credit credit, jobs::Loss loss, const at::Tensor& error,
                          const at::Tensor& labels);

} // namespace fa::diagnostics
