#pragma once
/// Local-credit rules: the signal a_l that a method uses in place of the gradient (design 2, "Credit
/// signals").

#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/norms.hpp"
#include "diagnostics/output_error.hpp"
#include "models/network.hpp"

#include <ATen/ATen.h>

#include <optional>
#include <vector>

namespace fa::diagnostics {

/// A batch, and the network's way through it: what a rule may look at.
struct CreditContext {
    const models::Network& network;
    at::Tensor inputs;              ///< [N, …], in the network's precision
    at::Tensor labels;              ///< [N] int64
    std::vector<at::Tensor> hidden; ///< h_l, [N, d_l], constants in the network's precision
};

/// a_l of each sample, as the rule defines it, for the error of the summed loss.
struct CreditVectors {
    std::vector<SampleVectors> layers; ///< one entry a layer; NaN rows where it is undefined
    at::Tensor residual; ///< ep's [N] float64 (`EquilibriumCredit`); undefined tensor for other rules
};

/// A rule with what it needs, evaluated on any batch.
class CreditSignal {
  public:
    virtual ~CreditSignal() = default;

    /// The rule as exactly as the context's precision allows.
    virtual CreditVectors operator()(const CreditContext& context, const OutputError& output) const = 0;

    /// The same as usual code computes it, from a float32 context and error.
    /// @param error  [N, C] float32
    /// @returns      per layer [N, d_l] float32
    virtual std::vector<at::Tensor> in_float32(const CreditContext& context,
                                               const at::Tensor& error) const = 0;
};

/// dfa, sdfa, drtp, fa and fa_noskip with known matrices.
class FeedbackCredit final : public CreditSignal {
  public:
    /// @param feedback  B_0 … B_L, of `feedback_shapes`
    /// @param plain     `plain_states` of the network, as `propagation_of` has it
    FeedbackCredit(jobs::Credit credit, jobs::Loss loss, std::vector<at::Tensor> feedback,
                   std::optional<models::HiddenStates> plain = std::nullopt);

    CreditVectors operator()(const CreditContext& context, const OutputError& output) const override;
    std::vector<at::Tensor> in_float32(const CreditContext& context, const at::Tensor& error) const override;

    /// a_0 … a_L of the rules that look at nothing but the output: all but fa of a plain MLP.
    std::vector<SampleVectors> of_output(const OutputError& output, const at::Tensor& labels) const;
    /// The same of an error as usual code has it, in the error's precision.
    /// @param error  [N, C]
    std::vector<at::Tensor> of_error(const at::Tensor& error, const at::Tensor& labels) const;

  private:
    jobs::Credit credit_;
    jobs::Loss loss_;
    Propagation propagation_;
    std::vector<at::Tensor> feedback_;

    /// σ′(z_0) … σ′(z_L) where the rule wants them, else none.
    std::vector<at::Tensor> gates_of(const CreditContext& context) const;
    /// a_0 … a_L of rows s, [N, C], in their precision.
    std::vector<at::Tensor> carried_down(const at::Tensor& input, const std::vector<at::Tensor>& gates) const;
    std::vector<SampleVectors> of_output(const OutputError& output, const at::Tensor& labels,
                                         const std::vector<at::Tensor>& gates) const;
};

/// The network's own rule, `credit=callback`.
class CallbackCredit final : public CreditSignal {
  public:
    CreditVectors operator()(const CreditContext& context, const OutputError& output) const override;
    std::vector<at::Tensor> in_float32(const CreditContext& context, const at::Tensor& error) const override;
};

} // namespace fa::diagnostics
