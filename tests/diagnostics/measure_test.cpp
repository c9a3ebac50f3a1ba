/// The measurements of a batch through a network, recomputed by hand.
#include "diagnostics/measure.hpp"
#include "tests/diagnostics/batch_problem.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

TEST(MeasureBatch, NormsAreOfTheStatesAndOfGradientsDividedBy128)
{
    const BatchProblem problem;
    const auto m = problem.measured().measured;
    const Probe p = problem.probed();
    EXPECT_TENSOR_NEAR(m.hidden_norm, filled([&](auto i, auto l) { return norm(p.hidden[l], i); }), 1e-14);
    EXPECT_TENSOR_NEAR(m.gradient_norm, filled([&](auto i, auto l) { return norm(p.gradient[l], i) / 128; }),
                       1e-16);
    EXPECT_TENSOR_NEAR(m.error_norm, p.output.error.norm(2, 1), 1e-15);
    EXPECT_TENSOR_NEAR(m.loss, p.output.loss, 0);
}

TEST(MeasureBatch, GammaTrainIsTheCosineOfBeAndTheGradient)
{
    const BatchProblem problem;
    const auto m = problem.measured().measured;
    const Probe p = problem.probed();
    std::vector<at::Tensor> signals;
    for (const auto& matrix : problem.evaluation.training_feedback)
        signals.push_back(fed_back(p.output.error, matrix));
    EXPECT_TENSOR_NEAR(m.gamma_train,
                       filled([&](auto i, auto l) { return cosine(signals[l], p.gradient[l], i); }), 1e-14);
    EXPECT_TENSOR_NEAR(m.centered_train, filled([&](auto i, auto l) {
                           return cosine(signals[l], p.gradient[l] - p.gradient[l].mean(0, true), i);
                       }),
                       1e-13);
    for (std::int64_t l = 0; l < layers; ++l) {
        const auto& a = signals[static_cast<std::size_t>(l)];
        const auto& g = p.gradient[static_cast<std::size_t>(l)];
        EXPECT_NEAR(entry(m.batchvec_train, l), cosine(a.sum(0, true), g.sum(0, true), 0), 1e-14);
        EXPECT_NEAR(entry(m.flat_train, l), cosine(a.reshape({1, -1}), g.reshape({1, -1}), 0), 1e-14);
        EXPECT_NEAR(cosine(m.mean_direction[static_cast<std::size_t>(l)].unsqueeze(0), g.sum(0, true), 0), 1,
                    1e-14);
        EXPECT_NEAR(norm(m.mean_direction[static_cast<std::size_t>(l)].unsqueeze(0), 0), 1, 1e-14);
    }
    for (std::int64_t i = 0; i < samples; ++i)
        EXPECT_NEAR(entry(m.concat_train, i), cosine(at::cat(signals, 1), at::cat(p.gradient, 1), i), 1e-14);
}

TEST(MeasureBatch, PitfallsAreAtTheMeanLossScaleOf128Samples)
{
    BatchProblem problem;
    problem.labels = problem.network.forward(problem.inputs).logits.argmax(1);
    problem.network.head = problem.network.head * 30; // errors from 1e-1 to far below eps
    const auto m = problem.measured().measured;
    const Probe p = problem.probed();
    for (std::int64_t l = 0; l < layers; ++l) {
        const auto layer = static_cast<std::size_t>(l);
        const auto a = fed_back(p.output.error / 128, problem.evaluation.training_feedback[layer]);
        const auto g = p.gradient[layer] / 128;
        EXPECT_TENSOR_NEAR(m.clamped_new.select(1, l), at::cosine_similarity(a, g, 1, 1e-8), 1e-14);
        const auto half = g.to(at::kFloat).to(at::kHalf).to(at::kDouble);
        for (std::int64_t i = 0; i < samples; ++i) {
            const double dot_product = static_cast<double>(dot(a, i, g, i));
            EXPECT_NEAR(entry(m.clamped_old, i, l), dot_product / std::max(norm(a, i) * norm(g, i), 1e-8),
                        1e-14);
            const auto cast_gamma = vector({cosine(a, half, i)}); // 0/0 where the row vanished
            EXPECT_TENSOR_NEAR(m.fp16_gamma[i].narrow(0, l, 1), cast_gamma, 1e-14);
            EXPECT_EQ(entry(m.fp16_lost, i, l), (half[i] == 0).to(at::kDouble).mean().item<double>());
            EXPECT_EQ(entry(m.bf16_lost, i, l), 0);
            EXPECT_NEAR(entry(m.bf16_gamma, i, l), entry(m.gamma_train, i, l), 0.01);
        }
        EXPECT_NEAR(entry(m.norm_minus_one, l) / g.norm(-1).item<double>(), 1, 1e-12);
    }
    EXPECT_GT(m.fp16_lost.max().item<double>(), 0.5) << "the problem shows the pitfall";
    EXPECT_GT((m.clamped_new - m.gamma_train).abs().max().item<double>(), 0.01);
    EXPECT_TENSOR_NEAR(m.fp16_hidden_overflow, at::zeros({samples, layers}), 0);
}

TEST(MeasureBatch, PitfallsUseTheirOwnFeedbackWhereTrainingsIsUnknown)
{
    BatchProblem problem;
    const auto known = problem.measured().measured;
    problem.evaluation.fresh_feedback = std::move(problem.evaluation.training_feedback);
    problem.evaluation.training_feedback.clear();
    const auto m = problem.measured().measured;
    for (const auto& absent :
         {m.gamma_train, m.centered_train, m.batchvec_train, m.flat_train, m.concat_train})
        EXPECT_FALSE(absent.defined());
    EXPECT_TENSOR_NEAR(m.clamped_old, known.clamped_old, 0);
    EXPECT_TENSOR_NEAR(m.float32_gamma, known.float32_gamma, 0);
    EXPECT_TRUE(problem.measured().gamma_inputs.input.defined());
}

TEST(MeasureBatch, WithoutACreditSignalThereIsNoGammaColumn)
{
    BatchProblem problem;
    problem.evaluation = {.credit = jobs::Credit::none, .training_feedback = {}, .fresh_feedback = {}};
    const auto result = problem.measured();
    const auto& m = result.measured;
    for (const auto& absent :
         {m.gamma_train, m.centered_train, m.batchvec_train, m.flat_train, m.concat_train, m.clamped_old,
          m.clamped_new, m.fp16_gamma, m.bf16_gamma, m.float32_gamma})
        EXPECT_FALSE(absent.defined());
    for (const auto& present : {m.hidden_norm, m.gradient_norm, m.error_norm, m.loss, m.fp16_lost,
                                m.bf16_lost, m.fp16_hidden_overflow, m.norm_minus_one})
        EXPECT_TRUE(present.defined());
    EXPECT_EQ(m.mean_direction.size(), 3U);
    EXPECT_TRUE(result.gamma_inputs.reference.empty());
}

TEST(MeasureBatch, GammaInputsEndWithTheUnitMeans)
{
    const BatchProblem problem;
    const auto inputs = problem.measured().gamma_inputs;
    const Probe p = problem.probed();
    ASSERT_EQ(inputs.reference.size(), 3U);
    for (std::size_t l = 0; l < 3; ++l) {
        const auto& reference = inputs.reference[l];
        EXPECT_EQ(reference.scalar_type(), at::kFloat);
        EXPECT_EQ(reference.sizes(), at::IntArrayRef({samples + 1, 7}));
        EXPECT_TENSOR_NEAR(reference.narrow(0, 0, samples), p.gradient[l] / p.gradient[l].norm(2, 1, true),
                           1e-7);
        const auto sum = p.gradient[l].sum(0);
        EXPECT_TENSOR_NEAR(reference[samples], sum / sum.norm(), 1e-7);
    }
    const auto sum = p.output.error.sum(0);
    EXPECT_TENSOR_NEAR(inputs.input[samples], sum / sum.norm(), 1e-7);
    EXPECT_TENSOR_NEAR(inputs.input.narrow(0, 0, samples), p.output.unit, 1e-7);
    EXPECT_TENSOR_NEAR(inputs.gradient_norm, p.gradient_norm, 0);
    EXPECT_TENSOR_NEAR(inputs.input_norm, p.output.norm, 0);
}

TEST(MeasureBatch, RefusesFeedbackThatDoesNotFit)
{
    BatchProblem problem;
    problem.evaluation.training_feedback.pop_back();
    EXPECT_THROW(problem.measured(), std::invalid_argument);
    problem = BatchProblem();
    problem.evaluation.training_feedback[1] = problem.evaluation.training_feedback[1].t();
    EXPECT_THROW(problem.measured(), std::invalid_argument);
}

} // namespace
} // namespace fa::diagnostics
