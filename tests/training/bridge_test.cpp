#include "tests/support/two_block_network.hpp"
#include "tests/training/rule_problem.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace fa::training {
namespace {

using Tensors = std::map<std::string, at::Tensor>;
using models::BridgeKind;

constexpr std::int64_t width = 5, classes = 3; // RuleProblem's

Tensors bridge_tensors(BridgeKind kind)
{
    Tensors tensors;
    double phase = 0.4;
    for (const auto& [name, shape] : models::bridge_layout(kind, width, classes, 4)) {
        tensors[name] = fa::testing::TwoBlockNetwork::entries(shape, 0.6, phase += 0.9);
        if (name == "bridge.ln.weight")
            tensors[name] += 1;
    }
    return tensors;
}

models::Bridge bridge(BridgeKind kind, Tensors tensors)
{
    for (auto& [name, tensor] : tensors)
        tensor = tensor.clone().requires_grad_();
    return {kind, tensors, width, classes};
}

/// Derivatives of a function of the states by central differences, [N, d].
template <typename Function>
at::Tensor differences(const at::Tensor& states, const Function& value)
{
    const at::NoGradGuard no_graph;
    auto slope = at::zeros_like(states);
    for (std::int64_t e = 0; e < states.numel(); ++e) {
        const auto moved = [&](double by) {
            const auto h = states.clone();
            h.flatten()[e] += by;
            return value(h);
        };
        slope.flatten()[e] = (moved(1e-5) - moved(-1e-5)) / 2e-5;
    }
    return slope;
}

struct BridgeProblem : fa::testing::RuleProblem {
    models::Activations usual = [this] {
        const at::NoGradGuard no_graph;
        return models::ResMlp(tensors).forward(batch.inputs);
    }();

    /// The network's gradients against the slopes along credits (of the mean loss), the head's its own; the
    /// rule's own against those of `own_loss`.
    template <typename OwnLoss>
    void expect(const LearningRule& rule, const std::vector<at::Tensor>& credit, const Tensors& own,
                const OwnLoss& own_loss)
    {
        const auto gradients = this->gradients(rule);
        EXPECT_EQ(gradients.size(), tensors.size() + own.size());
        fa::testing::RuleProblem both = *this;
        both.tensors.insert(own.begin(), own.end());
        const auto whole = [&](const Tensors& moved) {
            Tensors of_network, of_bridge;
            for (const auto& entry : moved)
                (entry.first.starts_with("bridge.") ? of_bridge : of_network).insert(entry);
            const models::ResMlp network(of_network);
            double sum = (network.embed(batch.inputs) * credit[0]).sum().item<double>() +
                         fa::testing::mean_loss(network.head(usual.hidden.back()), batch.labels);
            for (std::int64_t l = 0; l < 2; ++l) {
                const auto index = static_cast<std::size_t>(l);
                sum += (network.branch(l, usual.hidden[index]) * credit[index + 1]).sum().item<double>();
            }
            return sum + own_loss(of_bridge);
        };
        both.expect_slopes(gradients, whole, 1e-8);
    }
};

TEST(StateBridgeRule, FollowsTheLossOfThePredictedStateAndLearnsToPredictIt)
{
    BridgeProblem problem;
    const auto own = bridge_tensors(BridgeKind::state);
    const models::Bridge fixed(BridgeKind::state, own, width, classes);
    const models::ResMlp network(problem.tensors);
    std::vector<at::Tensor> credit;
    for (std::size_t l = 0; l < 3; ++l)
        credit.push_back(differences(problem.usual.hidden[l], [&](const at::Tensor& h) {
            const auto last = l == 2 ? h : fixed.state(h, static_cast<double>(l) / 2);
            return fa::testing::mean_loss(network.head(last), problem.batch.labels);
        }));
    const auto own_loss = [&](const Tensors& tensors) {
        const models::Bridge moved(BridgeKind::state, tensors, width, classes);
        double sum = 0;
        for (const std::size_t l : {0U, 1U})
            for (std::int64_t i = 0; i < 6; ++i) {
                const auto last = problem.usual.hidden[2][i];
                const auto miss = moved.state(problem.usual.hidden[l], static_cast<double>(l) / 2)[i] - last;
                sum += miss.square().sum().item<double>() / last.square().sum().item<double>();
            }
        return sum / 12;
    };
    problem.expect(*state_bridge(bridge(BridgeKind::state, own)), credit, own, own_loss);
}

TEST(CreditBridgeRule, FollowsThePredictedLossAndLearnsToPredictIt)
{
    BridgeProblem problem;
    const auto own = bridge_tensors(BridgeKind::credit);
    const models::Bridge fixed(BridgeKind::credit, own, width, classes);
    std::vector<at::Tensor> credit;
    for (std::size_t l = 0; l < 3; ++l)
        credit.push_back(differences(problem.usual.hidden[l], [&](const at::Tensor& h) {
            return fixed.loss(h, static_cast<double>(l) / 2, problem.batch.labels).mean().item<double>();
        }));
    const auto own_loss = [&](const Tensors& tensors) {
        const models::Bridge moved(BridgeKind::credit, tensors, width, classes);
        double sum = 0;
        for (std::size_t l = 0; l < 3; ++l) {
            const auto predicted =
                moved.loss(problem.usual.hidden[l], static_cast<double>(l) / 2, problem.batch.labels);
            for (std::int64_t i = 0; i < 6; ++i) {
                const double loss = fa::testing::mean_loss(problem.usual.logits.narrow(0, i, 1),
                                                           problem.batch.labels.narrow(0, i, 1));
                sum += std::pow(predicted[i].item<double>() - loss, 2);
            }
        }
        return sum / 18;
    };
    problem.expect(*credit_bridge(bridge(BridgeKind::credit, own)), credit, own, own_loss);
}

} // namespace
} // namespace fa::training
