#include "tests/training/rule_problem.hpp"

#include <gmock/gmock.h>

namespace fa::training {
namespace {

double loss_of(const fa::testing::RuleProblem& problem, const std::map<std::string, at::Tensor>& tensors)
{
    const at::NoGradGuard no_graph;
    return fa::testing::mean_loss(models::ResMlp(tensors).forward(problem.batch.inputs).logits,
                                  problem.batch.labels);
}

TEST(Backpropagation, IsTheSlopeOfTheMeanLossInEveryParameter)
{
    const fa::testing::RuleProblem problem;
    const auto gradients = problem.gradients(*backpropagation());
    EXPECT_EQ(gradients.size(), problem.tensors.size());
    problem.expect_slopes(gradients, [&](const auto& tensors) { return loss_of(problem, tensors); }, 1e-9);
}

TEST(FrozenBlocks, TrainsTheEmbeddingAndTheHeadByTheSlopeOfTheLossAndNoBlock)
{
    const fa::testing::RuleProblem problem;
    const auto gradients = problem.gradients(*frozen_blocks());
    std::vector<std::string> trained;
    for (const auto& [name, gradient] : gradients)
        trained.push_back(name);
    EXPECT_THAT(trained, ::testing::UnorderedElementsAre("embed.weight", "embed.bias", "out_ln.weight",
                                                         "out_ln.bias", "head.weight", "head.bias"));
    problem.expect_slopes(gradients, [&](const auto& tensors) { return loss_of(problem, tensors); }, 1e-9);
}

} // namespace
} // namespace fa::training
