#include "tests/training/rule_problem.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace fa::training {
namespace {

std::vector<at::Tensor> small_feedback()
{
    std::vector<at::Tensor> feedback;
    for (int l = 0; l < 3; ++l)
        feedback.push_back(fa::testing::small_inputs(5, 3) * (1.0 + 0.3 * l) + 0.1 * l);
    return feedback;
}

/// Σ_i ⟨B_l e_i, output_i⟩/N of one learned output, e held fixed: DFA moves that output's own parameters down
/// its slope.
double projected(const at::Tensor& output, const at::Tensor& feedback, const at::Tensor& error)
{
    double sum = 0;
    for (std::int64_t i = 0; i < output.size(0); ++i)
        for (std::int64_t k = 0; k < output.size(1); ++k)
            for (std::int64_t j = 0; j < error.size(1); ++j)
                sum +=
                    output[i][k].item<double>() * feedback[k][j].item<double>() * error[i][j].item<double>();
    return sum / static_cast<double>(output.size(0));
}

/// softmax − onehot by its definition.
at::Tensor error_of(const at::Tensor& logits, const at::Tensor& labels)
{
    auto error = at::zeros_like(logits);
    for (std::int64_t i = 0; i < logits.size(0); ++i) {
        double sum = 0;
        for (std::int64_t j = 0; j < logits.size(1); ++j)
            sum += std::exp(logits[i][j].item<double>());
        for (std::int64_t j = 0; j < logits.size(1); ++j)
            error[i][j] =
                std::exp(logits[i][j].item<double>()) / sum - (labels[i].item<std::int64_t>() == j ? 1 : 0);
    }
    return error;
}

class DirectFeedbackAlignmentUpdate : public ::testing::Test {
  protected:
    DirectFeedbackAlignmentUpdate()
        : gradients(problem.gradients(*feedback_alignment(jobs::Credit::dfa, feedback)))
    {
        const at::NoGradGuard no_graph;
        usual = models::ResMlp(problem.tensors).forward(problem.batch.inputs);
        error = error_of(usual.logits, problem.batch.labels);
    }

    std::map<std::string, at::Tensor> gradients_of(const std::string& prefix) const
    {
        std::map<std::string, at::Tensor> chosen;
        for (const auto& [name, gradient] : gradients)
            if (name.starts_with(prefix))
                chosen[name] = gradient;
        return chosen;
    }

    fa::testing::RuleProblem problem;
    std::vector<at::Tensor> feedback = small_feedback();
    std::map<std::string, at::Tensor> gradients;
    models::Activations usual;
    at::Tensor error;
};

TEST_F(DirectFeedbackAlignmentUpdate, MovesTheEmbeddingAlongTheFirstMatrixTimesTheError)
{
    problem.expect_slopes(
        gradients_of("embed."),
        [&](const auto& tensors) {
            return projected(models::ResMlp(tensors).embed(problem.batch.inputs), feedback[0], error);
        },
        1e-9);
}

TEST_F(DirectFeedbackAlignmentUpdate, MovesEachBranchAlongItsOwnMatrixWithItsInputHeldFixed)
{
    for (std::int64_t l = 0; l < 2; ++l)
        problem.expect_slopes(
            gradients_of("blocks." + std::to_string(l)),
            [&](const auto& tensors) {
                const auto index = static_cast<std::size_t>(l);
                return projected(models::ResMlp(tensors).branch(l, usual.hidden[index]), feedback[index + 1],
                                 error);
            },
            1e-9);
}

TEST_F(DirectFeedbackAlignmentUpdate, MovesTheHeadDownItsOwnSlope)
{
    const auto loss = [&](const auto& tensors) {
        return fa::testing::mean_loss(models::ResMlp(tensors).head(usual.hidden.back()),
                                      problem.batch.labels);
    };
    problem.expect_slopes(gradients_of("head."), loss, 1e-9);
    problem.expect_slopes(gradients_of("out_ln."), loss, 1e-9);
}

TEST_F(DirectFeedbackAlignmentUpdate, OfTheEmbeddingIsTheOuterProductOfCreditAndInput)
{
    const auto& gradient = gradients.at("embed.weight");
    for (std::int64_t k = 0; k < gradient.size(0); ++k)
        for (std::int64_t f = 0; f < gradient.size(1); ++f) {
            double expected = 0;
            for (std::int64_t i = 0; i < 6; ++i)
                for (std::int64_t j = 0; j < 3; ++j)
                    expected += feedback[0][k][j].item<double>() * error[i][j].item<double>() *
                                problem.batch.inputs[i][f].item<double>() / 6;
            EXPECT_NEAR(gradient[k][f].item<double>(), expected, 1e-14);
        }
}

TEST_F(DirectFeedbackAlignmentUpdate, CoversEveryParameter)
{
    EXPECT_EQ(gradients.size(), problem.tensors.size());
}

TEST(DirectFeedbackAlignmentError, StaysExactWhereFloatSoftmaxRoundsToOne)
{
    // logits 40 apart: 1 − p_y is 4e-18, which float32 softmax − onehot would call 0.
    fa::testing::RuleProblem problem;
    problem.tensors["head.weight"].zero_();
    problem.tensors["head.bias"] = at::tensor(std::vector<double>{40, 0, 0});
    problem.batch.labels.zero_();
    const auto gradient =
        problem.gradients(*feedback_alignment(jobs::Credit::dfa, small_feedback())).at("embed.bias");
    const double small = std::exp(-40.0);
    for (std::int64_t k = 0; k < 5; ++k) {
        const auto row = small_feedback()[0][k];
        const double expected =
            small * (row[1].item<double>() + row[2].item<double>() - 2 * row[0].item<double>());
        EXPECT_NEAR(gradient[k].item<double>() / expected, 1, 1e-9);
    }
}

/// Σ_i ⟨a_i, output_i⟩/N of one learned output, the credit a held fixed.
double along(const at::Tensor& output, const at::Tensor& credit)
{
    return (output * credit).sum().item<double>() / static_cast<double>(output.size(0));
}

/// Compares every gradient but the head's with the slopes along given credits a_0 … a_2, [N, d] each.
void expect_local_learning(const fa::testing::RuleProblem& problem, const LearningRule& rule,
                           const std::vector<at::Tensor>& credit)
{
    const at::NoGradGuard no_graph;
    const auto usual = models::ResMlp(problem.tensors).forward(problem.batch.inputs);
    auto gradients = [&] {
        const at::AutoGradMode graph(true);
        return problem.gradients(rule);
    }();
    EXPECT_EQ(gradients.size(), problem.tensors.size());
    const auto whole = [&](const auto& tensors) {
        const models::ResMlp network(tensors);
        double sum = along(network.embed(problem.batch.inputs), credit[0]) +
                     fa::testing::mean_loss(network.head(usual.hidden.back()), problem.batch.labels);
        for (std::int64_t l = 0; l < 2; ++l)
            sum += along(network.branch(l, usual.hidden[static_cast<std::size_t>(l)]),
                         credit[static_cast<std::size_t>(l) + 1]);
        return sum;
    };
    problem.expect_slopes(gradients, whole, 1e-9);
}

at::Tensor usual_error(const fa::testing::RuleProblem& problem)
{
    const at::NoGradGuard no_graph;
    return error_of(models::ResMlp(problem.tensors).forward(problem.batch.inputs).logits,
                    problem.batch.labels);
}

TEST(FeedbackAlignmentUpdate, OfSdfaIsAlongTheSignsOfTheError)
{
    const fa::testing::RuleProblem problem;
    const auto signs = usual_error(problem).sign();
    std::vector<at::Tensor> credit;
    for (const auto& feedback : small_feedback())
        credit.push_back(signs.matmul(feedback.t()));
    expect_local_learning(problem, *feedback_alignment(jobs::Credit::sdfa, small_feedback()), credit);
}

TEST(FeedbackAlignmentUpdate, OfDrtpIsAlongMinusTheLabelsColumn)
{
    const fa::testing::RuleProblem problem;
    std::vector<at::Tensor> credit;
    for (const auto& feedback : small_feedback())
        credit.push_back(-feedback.t().index_select(0, problem.batch.labels));
    expect_local_learning(problem, *feedback_alignment(jobs::Credit::drtp, small_feedback()), credit);
}

TEST(FeedbackAlignmentUpdate, OfFaGoesDownTheSkipsAndTheMatrices)
{
    const fa::testing::RuleProblem problem;
    std::vector<at::Tensor> feedback{fa::testing::small_inputs(5, 5), 0.5 - fa::testing::small_inputs(5, 5),
                                     fa::testing::small_inputs(5, 3)};
    const auto top = usual_error(problem).matmul(feedback[2].t());
    const auto middle = top + top.matmul(feedback[1].t());
    const auto bottom = middle + middle.matmul(feedback[0].t());
    expect_local_learning(problem, *feedback_alignment(jobs::Credit::fa, feedback), {bottom, middle, top});
}

} // namespace
} // namespace fa::training
