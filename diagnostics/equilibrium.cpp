#include "diagnostics/equilibrium.hpp"

#include "diagnostics/staged.hpp"
#include "diagnostics/usual_loss.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <utility>

namespace fa::diagnostics {
namespace {

using States = std::vector<at::Tensor>;

/// ‖∂E/∂h‖ of each sample over all layers, [N].
at::Tensor length_of(const States& slopes)
{
    return row_norms(at::cat(slopes, 1));
}

struct Relaxed {
    States states;
    States first_slopes;
};

Relaxed relaxed(const NudgedSystem& system, States states, const jobs::Relaxation& relaxation)
{
    Relaxed result;
    for (std::int64_t step = 0; step < relaxation.steps; ++step) {
        const auto slopes = system.slopes(states);
        if (step == 0)
            result.first_slopes = slopes;
        states = descended(states, slopes, relaxation.step);
    }
    result.states = std::move(states);
    return result;
}

} // namespace

NudgedSystem::NudgedSystem(const models::StagedNetwork& network, at::Tensor embedded, at::Tensor labels,
                           jobs::Loss loss, double beta)
    : network_(network), embedded_(std::move(embedded)), labels_(std::move(labels)), loss_(loss), beta_(beta)
{
}

States NudgedSystem::predictions(const States& states) const
{
    States result{embedded_};
    for (std::size_t l = 0; l + 1 < states.size(); ++l)
        result.push_back(network_.layer(static_cast<std::int64_t>(l), states[l]));
    return result;
}

at::Tensor NudgedSystem::nudge(const at::Tensor& logits) const
{
    if (logits.scalar_type() == at::kDouble)
        return (logits * output_error(logits, labels_, loss_).error).sum();
    return usual_loss(logits, labels_, loss_);
}

at::Tensor NudgedSystem::energy(const States& states) const
{
    auto total = beta_ * nudge(network_.head(states.back()));
    const auto predicted = predictions(states);
    for (std::size_t l = 0; l < states.size(); ++l)
        total = total + 0.5 * (states[l] - predicted[l]).square().sum();
    return total;
}

States NudgedSystem::slopes(const States& states) const
{
    const at::AutoGradMode recorded(true);
    States leaves;
    for (const auto& state : states)
        leaves.push_back(state.detach().requires_grad_());
    return torch::autograd::grad({energy(leaves)}, leaves);
}

States NudgedSystem::error_nodes(const States& states) const
{
    const at::NoGradGuard constant;
    auto nodes = predictions(states);
    for (std::size_t l = 0; l < states.size(); ++l)
        nodes[l] = states[l] - nodes[l];
    return nodes;
}

States descended(const States& states, const States& slopes, double step)
{
    const at::NoGradGuard constant;
    States moved;
    for (std::size_t l = 0; l < states.size(); ++l)
        moved.push_back(at::sub(states[l].detach(), slopes[l], step));
    return moved;
}

CreditVectors EquilibriumCredit::operator()(const CreditContext& context, const OutputError&) const
{
    const at::NoGradGuard constant;
    const auto network = context.network.to(at::kDouble);
    const auto& staged = staged_network(*network, "ep");
    // The forward pass again, by the very operations of `layer`: the free states must have no slope but the
    // nudge's.
    States free{staged.embed(context.inputs.to(at::kDouble))};
    for (std::size_t l = 0; l + 1 < context.hidden.size(); ++l)
        free.push_back(staged.layer(static_cast<std::int64_t>(l), free.back()));
    const NudgedSystem system(staged, free.front(), context.labels, loss_, relaxation_.beta);
    const auto [states, first_slopes] = relaxed(system, free, relaxation_);

    CreditVectors credit;
    credit.residual = length_of(system.slopes(states)) / length_of(first_slopes);
    const auto undefined = credit.residual.lt(1.0).logical_not().unsqueeze(1); // NaN is undefined too
    for (const auto& node : system.error_nodes(states))
        credit.layers.push_back(sample_vectors(
            (node / -relaxation_.beta).masked_fill(undefined, std::numeric_limits<double>::quiet_NaN())));
    return credit;
}

std::vector<at::Tensor> EquilibriumCredit::in_float32(const CreditContext& context, const at::Tensor&) const
{
    const at::NoGradGuard constant;
    const auto& staged = staged_network(context.network, "ep");
    const NudgedSystem system(staged, context.hidden.front(), context.labels, loss_, relaxation_.beta);
    auto nodes = system.error_nodes(relaxed(system, context.hidden, relaxation_).states);
    for (auto& node : nodes)
        node = node / -relaxation_.beta;
    return nodes;
}

} // namespace fa::diagnostics
