#pragma once
/// Equilibrium propagation's energy (Scellier and Bengio 2017) of a network run stage by stage, as design 2
/// defines it:
///
///     E(h_0 … h_L) = ½ Σ_l ‖h_l − F_{l−1}(h_{l−1})‖² + β Σ_i ℓ_i,   F_{−1} = embed(x)
///
/// Without the nudge (β = 0) the states of the forward pass are the exact minimum, E = 0. The nudged phase is
/// gradient descent of E in the states from there.

#include "diagnostics/credit.hpp"
#include "jobs/run_spec.hpp"
#include "models/staged_network.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace fa::diagnostics {

/// The nudged system of N samples, which never influence each other.
class NudgedSystem {
  public:
    /// @param embedded  F_{−1} = embed(x), [N, d_0]
    /// @param labels    [N] int64
    NudgedSystem(const models::StagedNetwork& network, at::Tensor embedded, at::Tensor labels,
                 jobs::Loss loss, double beta);

    /// E up to a constant, a scalar and part of the graph of the states and the network's tensors. In double
    /// the nudge is β Σ ⟨logits, e⟩ with e constant, whose slopes are the loss's but keep their digits where
    /// the network is sure of itself; in float32 it is the loss, as usual code has it.
    at::Tensor energy(const std::vector<at::Tensor>& states) const;

    /// ∂E/∂h_l, [N, d_l] each.
    std::vector<at::Tensor> slopes(const std::vector<at::Tensor>& states) const;

    /// h_l − F_{l−1}(h_{l−1}), [N, d_l] each.
    std::vector<at::Tensor> error_nodes(const std::vector<at::Tensor>& states) const;

  private:
    const models::StagedNetwork& network_;
    at::Tensor embedded_, labels_;
    jobs::Loss loss_;
    double beta_;

    /// F_{l−1}(h_{l−1}) of each layer.
    std::vector<at::Tensor> predictions(const std::vector<at::Tensor>& states) const;
    at::Tensor nudge(const at::Tensor& logits) const;
};

/// One step of gradient descent in all states at once.
std::vector<at::Tensor> descended(const std::vector<at::Tensor>& states,
                                  const std::vector<at::Tensor>& slopes, double step);

/// a_l = (h_l − F_{l−1}(h_{l−1}))/(−β) at the nudged states: in double whatever the network's precision is
/// (its differences cancel in float32), but for in_float32.
///
/// The residual of a sample is ‖∂E/∂h‖ over all layers at the states where the descent ended, relative to
/// that at the free states, where it is β‖∂ℓ/∂h_L‖. One of 1 or more, or one that is not a number, means that
/// the descent leads nowhere: the sample's a_l are undefined.
class EquilibriumCredit final : public CreditSignal {
  public:
    EquilibriumCredit(jobs::Loss loss, jobs::Relaxation relaxation) : loss_(loss), relaxation_(relaxation) {}

    /// @throws std::invalid_argument if the context's network can't be run stage by stage
    CreditVectors operator()(const CreditContext& context, const OutputError& output) const override;
    std::vector<at::Tensor> in_float32(const CreditContext& context, const at::Tensor& error) const override;

  private:
    jobs::Loss loss_;
    jobs::Relaxation relaxation_;
};

} // namespace fa::diagnostics
