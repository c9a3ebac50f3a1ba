/// The measurements of tensors that another framework kept.
#include "diagnostics/measure.hpp"
#include "tests/diagnostics/batch_problem.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"

#include <cstddef>
#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

/// What another framework would have kept of the problem's batch.
GivenTensors kept(const BatchProblem& problem)
{
    const Probe p = problem.probed();
    return {.gradient = p.gradient,
            .error = p.output.error,
            .hidden = p.hidden,
            .hidden_norm = {},
            .loss = p.output.loss,
            .credit = {}};
}

TEST(MeasureGiven, IsWhatTheNetworkItselfGives)
{
    const BatchProblem problem;
    const auto wanted = problem.measured();
    const auto result = measure_given(kept(problem), problem.labels, problem.evaluation);
    auto of_network = wanted.measured, of_tensors = result.measured;
    EXPECT_TRUE(of_tensors.float32_gamma.isnan().all().item<bool>());
    EXPECT_EQ(of_tensors.float32_gamma.sizes(), of_network.float32_gamma.sizes());
    of_network.float32_gamma = of_tensors.float32_gamma = at::Tensor();
    const auto all_wanted = all_of(of_network), all = all_of(of_tensors);
    ASSERT_EQ(all.size(), all_wanted.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_TENSOR_NEAR(all[i], all_wanted[i], 1e-14);
    for (std::size_t l = 0; l < layers; ++l)
        EXPECT_TENSOR_NEAR(result.gamma_inputs.reference[l], wanted.gamma_inputs.reference[l], 1e-7);
}

TEST(MeasureGiven, TakesTheMethodsOwnCreditForTheTrainings)
{
    BatchProblem problem;
    auto given = kept(problem);
    for (std::size_t l = 0; l < layers; ++l)
        given.credit.push_back(fed_back(given.error, problem.evaluation.training_feedback[l]) * 1e-200);
    const auto wanted = problem.measured().measured.gamma_train;
    problem.evaluation.training_feedback.clear();
    const auto result = measure_given(given, problem.labels, problem.evaluation);
    EXPECT_TENSOR_NEAR(result.measured.gamma_train, wanted, 1e-14);
    EXPECT_FALSE(result.gamma_inputs.reference.empty());
}

TEST(MeasureGiven, OfNormsAloneSaysNothingOfTheStates)
{
    const BatchProblem problem;
    auto given = kept(problem);
    given.hidden.clear();
    given.hidden_norm =
        filled([](auto i, auto l) { return static_cast<double>(i) + 10.0 * static_cast<double>(l); });
    given.loss = at::Tensor();
    const auto m = measure_given(given, problem.labels, problem.evaluation).measured;
    EXPECT_TENSOR_NEAR(m.hidden_norm, given.hidden_norm, 0);
    EXPECT_TRUE(m.fp16_hidden_overflow.isnan().all().item<bool>());
    EXPECT_TRUE(m.loss.isnan().all().item<bool>());
    EXPECT_TENSOR_NEAR(m.gamma_train, problem.measured().measured.gamma_train, 1e-14);
}

TEST(MeasureGiven, UndefinedRowsAreThoseOfZeroAndNonFiniteGradients)
{
    const BatchProblem problem;
    auto given = kept(problem);
    given.gradient[0] = given.gradient[0].clone();
    given.gradient[0][1].zero_();
    given.gradient[0][2][0] = std::numeric_limits<double>::infinity();
    const auto m = measure_given(given, problem.labels, problem.evaluation).measured;
    EXPECT_TRUE(m.gamma_train[1][0].isnan().item<bool>());
    EXPECT_TRUE(m.gamma_train[2][0].isnan().item<bool>());
    EXPECT_FALSE(m.gamma_train[3][0].isnan().item<bool>());
    EXPECT_EQ(entry(m.gradient_norm.select(1, 0), 1), 0.0);
}

} // namespace
} // namespace fa::diagnostics
