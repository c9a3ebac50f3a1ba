#include "tests/training/rule_problem.hpp"

#include <gmock/gmock.h>

namespace fa::training {
namespace {

using Tensors = std::map<std::string, at::Tensor>;
using States = std::vector<at::Tensor>;

constexpr fa::testing::Sizes tiny{.features = 3, .width = 4, .hidden = 4, .depth = 2, .classes = 3};

/// E of design 2, summed in loops.
double energy(const Tensors& tensors, const Batch& batch, const States& states, double beta)
{
    const at::NoGradGuard no_graph;
    const models::ResMlp network(tensors);
    double total = beta * fa::testing::mean_loss(network.head(states.back()), batch.labels) *
                   static_cast<double>(batch.labels.size(0));
    for (std::size_t l = 0; l < states.size(); ++l) {
        const auto index = static_cast<std::int64_t>(l);
        const auto prediction =
            l == 0 ? network.embed(batch.inputs) : states[l - 1] + network.branch(index - 1, states[l - 1]);
        for (std::int64_t i = 0; i < prediction.size(0); ++i)
            for (std::int64_t k = 0; k < prediction.size(1); ++k) {
                const double residual = states[l][i][k].item<double>() - prediction[i][k].item<double>();
                total += 0.5 * residual * residual;
            }
    }
    return total;
}

/// Gradient descent of E in the states, its slopes by central differences.
States relaxed(const Tensors& tensors, const Batch& batch, double beta, int steps, double size)
{
    const at::NoGradGuard no_graph;
    auto states = models::ResMlp(tensors).forward(batch.inputs).hidden;
    for (int step = 0; step < steps; ++step) {
        States slopes;
        for (std::size_t l = 0; l < states.size(); ++l) {
            auto slope = at::zeros_like(states[l]);
            for (std::int64_t e = 0; e < slope.numel(); ++e) {
                const auto moved = [&](double by) {
                    auto other = states;
                    other[l] = states[l].clone();
                    other[l].flatten()[e] += by;
                    return energy(tensors, batch, other, beta);
                };
                slope.flatten()[e] = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            }
            slopes.push_back(slope);
        }
        for (std::size_t l = 0; l < states.size(); ++l)
            states[l] = states[l] - size * slopes[l];
    }
    return states;
}

TEST(EquilibriumPropagation, IsTheSlopeOfTheEnergyAtTheRelaxedStates)
{
    const fa::testing::RuleProblem problem(tiny);
    constexpr double beta = 0.3;
    const auto states = relaxed(problem.tensors, problem.batch, beta, 3, 0.1);
    const auto gradients = problem.gradients(*equilibrium_propagation(beta, 3, 0.1));
    EXPECT_EQ(gradients.size(), problem.tensors.size());
    problem.expect_slopes(
        gradients,
        [&](const auto& tensors) { return energy(tensors, problem.batch, states, beta) / (beta * 6); }, 1e-7);
}

/// ‖a − b‖/‖b‖ over all parameters.
double relative_distance(const Tensors& a, const Tensors& b)
{
    double distance = 0;
    double size = 0;
    for (const auto& [name, tensor] : b) {
        distance += (a.at(name) - tensor).square().sum().item<double>();
        size += tensor.square().sum().item<double>();
    }
    return std::sqrt(distance / size);
}

TEST(EquilibriumPropagation, IsBackpropagationToFirstOrderInTheNudge)
{
    fa::testing::RuleProblem problem;
    for (const auto* weight : {"blocks.0.fc2.weight", "blocks.1.fc2.weight"})
        problem.tensors[weight] *= 0.1; // branches gentle enough for steps of 0.2 to converge
    const auto exact = problem.gradients(*backpropagation());
    const auto coarse = problem.gradients(*equilibrium_propagation(1e-3, 600, 0.2));
    const auto fine = problem.gradients(*equilibrium_propagation(1e-4, 600, 0.2));
    EXPECT_LT(relative_distance(coarse, exact), 1e-2);
    EXPECT_NEAR(relative_distance(fine, exact) / relative_distance(coarse, exact), 0.1, 0.02);
}

TEST(EquilibriumPropagation, WithoutTimeToRelaxTrainsOnlyTheHead)
{
    // Free states satisfy every prediction: only the nudged loss itself has a slope.
    const fa::testing::RuleProblem problem;
    const auto gradients = problem.gradients(*equilibrium_propagation(0.3, 0, 0.1));
    const auto exact = problem.gradients(*backpropagation());
    for (const auto& [name, gradient] : gradients)
        if (name.starts_with("head.") || name.starts_with("out_ln."))
            EXPECT_TRUE(at::allclose(gradient, exact.at(name), 1e-12, 1e-14)) << name;
        else
            EXPECT_EQ(gradient.abs().max().item<double>(), 0) << name;
}

} // namespace
} // namespace fa::training
