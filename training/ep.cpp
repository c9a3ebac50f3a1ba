/// Equilibrium propagation (Scellier and Bengio 2017) on a residual network, by the energy of
/// diagnostics/equilibrium.hpp: the free phase is one forward pass, whose parameter gradient is zero; after
/// the nudged phase the parameters follow ∂E/∂θ / β at the relaxed states, which for β → 0 and full
/// relaxation is the gradient of Σ ℓ_i.
#include "diagnostics/equilibrium.hpp"
#include "training/rule.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <map>
#include <string>

namespace fa::training {
namespace {

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
    explicit EquilibriumPropagation(jobs::Relaxation relaxation) : relaxation_(relaxation) {}

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        const auto constants = constant(network);
        auto [logits, states] = free_phase(constants, batch);
        const auto nudged = system(constants, states.front(), batch.labels);
        for (std::int64_t step = 0; step < relaxation_.steps; ++step)
            states = diagnostics::descended(states, nudged.slopes(states), relaxation_.step);

        const auto learning = system(network, network.embed(batch.inputs), batch.labels);
        auto gradients =
            torch::autograd::grad({learning.energy(states)}, {trainable.begin(), trainable.end()});
        // The energy is a sum over samples; the mean loss is what the other rules descend.
        const double scale = 1 / (relaxation_.beta * static_cast<double>(batch.labels.size(0)));
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

    /// @param embedded  F_{−1} = embed(x), [N, d]
    diagnostics::NudgedSystem system(const models::ResMlp& network, const at::Tensor& embedded,
                                     const at::Tensor& labels) const
    {
        return {network, embedded, labels, jobs::Loss::cross_entropy, relaxation_.beta};
    }

    jobs::Relaxation relaxation_;
};

} // namespace

std::unique_ptr<LearningRule> equilibrium_propagation(double beta, std::int64_t steps, double step)
{
    return std::make_unique<EquilibriumPropagation>(
        jobs::Relaxation{.beta = beta, .steps = steps, .step = step});
}

} // namespace fa::training
