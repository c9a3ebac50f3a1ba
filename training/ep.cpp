/// Equilibrium propagation (Scellier and Bengio 2017) on a residual network, as design 2 defines its energy:
///
///     E(h_0 … h_L) = ½ Σ_l ‖h_l − F_{l−1}(h_{l−1})‖² + β Σ_i ℓ_i,   F_{−1} = embed(x),  F_{l−1}(h) = h +
///     f_{l−1}(h)
///
/// Without the nudge (β = 0) the states of the forward pass are the exact minimum, E = 0, so the free phase
/// is one forward pass and its parameter gradient is zero. The nudged phase is gradient descent of E in the
/// states from there; the parameters then follow ∂E/∂θ / β at the relaxed states, which for β → 0 and full
/// relaxation is the gradient of Σ ℓ_i.
#include "training/rule.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <map>
#include <string>

namespace fa::training {
namespace {

using States = std::vector<at::Tensor>;

/// The same network, its tensors constants: relaxing the states needs no gradient of theirs.
models::ResMlp constant(const models::ResMlp& network)
{
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : network.named_tensors())
        tensors.emplace(name, tensor.detach());
    return models::ResMlp(tensors, network.layer_norm_eps());
}

class EquilibriumPropagation final : public LearningRule {
  public:
    EquilibriumPropagation(double beta, std::int64_t steps, double step)
        : beta_(beta), steps_(steps), step_(step)
    {
    }

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        const auto constants = constant(network);
        auto [logits, states] = free_phase(constants, batch);
        const auto embedded = states.front();
        for (std::int64_t step = 0; step < steps_; ++step)
            relax(constants, embedded, batch.labels, states);

        const auto nudged = energy(network, network.embed(batch.inputs), batch.labels, states);
        auto gradients = torch::autograd::grad({nudged}, {trainable.begin(), trainable.end()});
        // The energy is a sum over samples; the mean loss is what the other rules descend.
        const double scale = 1 / (beta_ * static_cast<double>(batch.labels.size(0)));
        for (auto& gradient : gradients)
            gradient.mul_(scale);
        return {logits, std::move(gradients)};
    }

  private:
    static models::Activations free_phase(const models::ResMlp& constants, const Batch& batch)
    {
        const at::NoGradGuard no_graph;
        return constants.forward(batch.inputs);
    }

    /// E, a scalar. @param embedded  F_{−1} = embed(x), [N, d]
    at::Tensor energy(const models::ResMlp& network, const at::Tensor& embedded, const at::Tensor& labels,
                      const States& states) const
    {
        const auto& last = states.back();
        auto total = beta_ * at::cross_entropy_loss(network.head(last), labels, {}, at::Reduction::Sum);
        auto prediction = embedded;
        for (std::size_t l = 0; l < states.size(); ++l) {
            total = total + 0.5 * (states[l] - prediction).square().sum();
            if (l + 1 < states.size())
                prediction = states[l] + network.branch(static_cast<std::int64_t>(l), states[l]);
        }
        return total;
    }

    /// One step of gradient descent of E in all states at once.
    void relax(const models::ResMlp& constants, const at::Tensor& embedded, const at::Tensor& labels,
               States& states) const
    {
        for (auto& state : states)
            state = state.detach().requires_grad_();
        const auto slopes = torch::autograd::grad({energy(constants, embedded, labels, states)}, states);
        for (std::size_t l = 0; l < states.size(); ++l)
            states[l] = at::sub(states[l].detach(), slopes[l], step_);
    }

    double beta_;
    std::int64_t steps_;
    double step_;
};

} // namespace

std::unique_ptr<LearningRule> equilibrium_propagation(double beta, std::int64_t steps, double step)
{
    return std::make_unique<EquilibriumPropagation>(beta, steps, step);
}

} // namespace fa::training
