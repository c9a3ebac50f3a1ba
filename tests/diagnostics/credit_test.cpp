#include "diagnostics/credit.hpp"

#include "tests/support/expect_tensor.hpp"
#include "tests/support/thinning_network.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fa::diagnostics {
namespace {

using jobs::Credit;
using jobs::Loss;

constexpr auto cross_entropy = Loss::cross_entropy;

at::Tensor matrix(std::initializer_list<double> entries, std::int64_t columns)
{
    return at::tensor(at::ArrayRef<double>(entries), at::kDouble).view({-1, columns});
}

/// Two samples, three classes, two layers of widths 2 and 2.
struct Problem {
    at::Tensor logits = matrix({0.3, -1.0, 0.5, 2.0, 0.1, -0.4}, 3);
    at::Tensor labels = at::tensor({2, 0}, at::kLong);
    std::vector<at::Tensor> direct = {matrix({1, 2, -1, 0.5, 0, 3}, 3),
                                      matrix({0.2, -0.7, 1.1, 2, 1, -1}, 3)};
    std::vector<at::Tensor> chain = {matrix({0.5, -2, 1, 3}, 2), matrix({0.2, -0.7, 1.1, 2, 1, -1}, 3)};

    fa::testing::ThinningNetwork unasked; // rules with matrices look at errors and labels alone

    OutputError output(Loss loss = cross_entropy) const { return output_error(logits, labels, loss); }
    CreditContext context() const
    {
        return {.network = unasked, .inputs = {}, .labels = labels, .hidden = {}};
    }
    std::vector<SampleVectors> credit(Credit rule, const std::vector<at::Tensor>& feedback) const
    {
        return FeedbackCredit(rule, cross_entropy, feedback)(context(), output()).layers;
    }
};

/// a_l as raw vectors.
at::Tensor raw(const SampleVectors& vectors)
{
    return vectors.unit * vectors.norm.unsqueeze(1);
}

/// Entry by entry: B s + (what comes from above, where there is a skip).
at::Tensor slow(const at::Tensor& feedback, const at::Tensor& rows)
{
    auto product = at::zeros({rows.size(0), feedback.size(0)}, at::kDouble);
    for (std::int64_t n = 0; n < rows.size(0); ++n)
        for (std::int64_t i = 0; i < feedback.size(0); ++i)
            for (std::int64_t j = 0; j < feedback.size(1); ++j)
                product[n][i] += feedback[i][j] * rows[n][j];
    return product;
}

TEST(Credit, OfDfaIsBTimesTheError)
{
    const Problem problem;
    const auto signals = problem.credit(Credit::dfa, problem.direct);
    for (std::size_t l = 0; l < 2; ++l)
        EXPECT_TENSOR_NEAR(raw(signals[l]), slow(problem.direct[l], problem.output().error), 1e-14);
}

TEST(Credit, OfSdfaTakesTheSignsOfTheError)
{
    const Problem problem;
    const auto signs = matrix({1, 1, -1, -1, 1, 1}, 3); // 1 − 2·onehot(y)
    const auto signals = problem.credit(Credit::sdfa, problem.direct);
    for (std::size_t l = 0; l < 2; ++l)
        EXPECT_TENSOR_NEAR(raw(signals[l]), slow(problem.direct[l], signs), 1e-14);
}

TEST(Credit, OfSdfaKeepsTheSignsOfErrorsThatRoundToZero)
{
    Problem problem;
    problem.logits = matrix({0, 0, 1e4, 1e4, 0, 0}, 3); // e is exactly zero
    const auto input = feedback_input(Credit::sdfa, cross_entropy, problem.output(), problem.labels);
    EXPECT_TENSOR_NEAR(raw(input), matrix({1, 1, -1, -1, 1, 1}, 3), 1e-15);
}

TEST(Credit, OfSdfaUnderMseTakesWhatSignsThereAre)
{
    Problem problem;
    problem.logits = matrix({0.5, -2, 3, 1, 0, -1}, 3);
    const auto input = feedback_input(Credit::sdfa, Loss::mse, problem.output(Loss::mse), problem.labels);
    EXPECT_TENSOR_NEAR(raw(input), matrix({1, -1, 1, 0, 0, -1}, 3), 1e-15);
}

TEST(Credit, OfDrtpIsMinusTheLabelsColumn)
{
    const Problem problem;
    const auto signals = problem.credit(Credit::drtp, problem.direct);
    for (std::size_t l = 0; l < 2; ++l) {
        EXPECT_TENSOR_NEAR(raw(signals[l])[0], -problem.direct[l].select(1, 2), 1e-14);
        EXPECT_TENSOR_NEAR(raw(signals[l])[1], -problem.direct[l].select(1, 0), 1e-14);
    }
}

TEST(Credit, OfFaGoesDownTheSkipsAndTheMatrices)
{
    const Problem problem;
    const auto signals = problem.credit(Credit::fa, problem.chain);
    const auto top = slow(problem.chain[1], problem.output().error);
    EXPECT_TENSOR_NEAR(raw(signals[1]), top, 1e-14);
    EXPECT_TENSOR_NEAR(raw(signals[0]), top + slow(problem.chain[0], top), 1e-14);
}

TEST(Credit, OfFaNoskipGoesDownTheMatricesAlone)
{
    const Problem problem;
    const auto signals = problem.credit(Credit::fa_noskip, problem.chain);
    const auto top = slow(problem.chain[1], problem.output().error);
    EXPECT_TENSOR_NEAR(raw(signals[0]), slow(problem.chain[0], top), 1e-14);
}

TEST(Credit, InFloat32IsTheSameToItsPrecision)
{
    const Problem problem;
    const auto error = problem.output().error.to(at::kFloat);
    for (const auto credit : {Credit::dfa, Credit::sdfa, Credit::drtp, Credit::fa, Credit::fa_noskip}) {
        const bool chain = propagation_of(credit) != Propagation::direct;
        const FeedbackCredit rule(credit, cross_entropy, chain ? problem.chain : problem.direct);
        const auto exact = rule(problem.context(), problem.output()).layers;
        const auto usual = rule.in_float32(problem.context(), error);
        for (std::size_t l = 0; l < 2; ++l) {
            EXPECT_EQ(usual[l].scalar_type(), at::kFloat);
            EXPECT_TENSOR_NEAR(usual[l], raw(exact[l]), 2e-6);
        }
    }
}

TEST(Credit, OfACallbackIsWhatTheNetworkReturns)
{
    fa::testing::ThinningNetwork network;
    network.own_credit = true;
    const auto inputs = fa::testing::TwoBlockNetwork::entries({4, 5}, 1.0, 0.9);
    const CreditContext context{
        .network = network, .inputs = inputs, .labels = at::zeros({4}, at::kLong), .hidden = {}};
    const auto signals = CallbackCredit()(context, {}).layers;
    const auto states = network.forward(inputs).hidden;
    ASSERT_EQ(signals.size(), 4U);
    for (std::size_t l = 0; l < 4; ++l) {
        EXPECT_TENSOR_NEAR(raw(signals[l]), states[l] * static_cast<double>(l + 1), 1e-14);
        EXPECT_FALSE(signals[l].unit.requires_grad());
    }
}

TEST(FeedbackShapes, AreByClassesForDirectRulesAndByTheLayerAboveInChains)
{
    using Shapes = std::vector<models::MatrixShape>;
    EXPECT_EQ(feedback_shapes(Propagation::direct, {4, 5, 6}, 3), (Shapes{{4, 3}, {5, 3}, {6, 3}}));
    EXPECT_EQ(feedback_shapes(Propagation::chain, {4, 5, 6}, 3), (Shapes{{4, 5}, {5, 6}, {6, 3}}));
    EXPECT_EQ(feedback_shapes(Propagation::residual_chain, {5, 5}, 3), (Shapes{{5, 5}, {5, 3}}));
}

TEST(FeedbackShapes, OfFaNeedEqualWidths)
{
    try {
        feedback_shapes(Propagation::residual_chain, {5, 6}, 3);
        FAIL() << "h_1 cannot be added to h_0";
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("fa_noskip"));
    }
}

TEST(FeedbackScale, IsOneOverTheRootOfTheColumns)
{
    EXPECT_THAT(default_feedback_scale({{4, 16}, {16, 100}}), ::testing::ElementsAre(0.25, 0.1));
}

} // namespace
} // namespace fa::diagnostics
