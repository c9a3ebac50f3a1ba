#include "diagnostics/float32_path.hpp"

#include "diagnostics/probe.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/two_block_network.hpp"

#include <torch/csrc/autograd/autograd.h>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

struct Problem {
    TwoBlockNetwork network;
    at::Tensor inputs = TwoBlockNetwork::entries({6, 5}, 1.0, 0.9);
    at::Tensor labels = at::arange(6, at::TensorOptions(at::kLong)) % 4;
    std::vector<at::Tensor> feedback;

    Problem()
    {
        for (const double phase : {0.2, 1.2, 2.2})
            feedback.push_back(TwoBlockNetwork::entries({7, 4}, 0.5, phase));
    }
    /// Every label is what the network says, and the head is so large that it is sure of it.
    void make_confident(double head_scale)
    {
        labels = network.forward(inputs).logits.argmax(1);
        network.head = network.head * head_scale;
    }
    at::Tensor float32(jobs::Loss loss = jobs::Loss::cross_entropy) const
    {
        return float32_gamma(*network.to(at::kFloat), inputs, labels, loss,
                             FeedbackCredit(jobs::Credit::dfa, loss, feedback));
    }
    /// Γ in double of the errors that `change` makes of the true ones.
    template <class Change>
    at::Tensor with_errors(Change change, jobs::Loss loss = jobs::Loss::cross_entropy) const
    {
        const at::AutoGradMode recorded(true);
        const auto activations = network.forward(inputs);
        const auto error = change(output_error(activations.logits, labels, loss).error);
        const auto gradients = torch::autograd::grad({activations.logits}, activations.hidden, {error});
        auto gamma = at::empty({6, 3}, at::TensorOptions(at::kDouble));
        for (std::int64_t layer = 0; layer < 3; ++layer)
            for (std::int64_t i = 0; i < 6; ++i)
                gamma[i][layer] = cosine(fed_back(error, feedback[static_cast<std::size_t>(layer)]),
                                         gradients[static_cast<std::size_t>(layer)], i);
        return gamma;
    }
};

const auto unchanged = [](const at::Tensor& error) { return error; };

TEST(Float32Path, AgreesWithDoubleOnAnUnsureNetwork)
{
    const Problem problem;
    EXPECT_TENSOR_NEAR(problem.float32(), problem.with_errors(unchanged), 1e-4);
    EXPECT_TENSOR_NEAR(problem.float32(jobs::Loss::mse), problem.with_errors(unchanged, jobs::Loss::mse),
                       1e-4);
}

TEST(Float32Path, LosesTheErrorAtTheLabelOfAConfidentNetwork)
{
    Problem problem;
    problem.make_confident(60);
    const auto true_errors = output_error(problem.network.forward(problem.inputs).logits, problem.labels,
                                          jobs::Loss::cross_entropy)
                                 .error;
    const auto at_label = true_errors.gather(1, problem.labels.unsqueeze(1)).abs().squeeze(1);
    // Half a unit in the last place below 1 is 2^-25: errors below it are gone. The other entries are still
    // there.
    const auto vanished = (at_label < std::ldexp(1.0, -25)).logical_and(at_label > 1e-25);
    ASSERT_TRUE(vanished.any().item<bool>());

    const auto wrong = problem.with_errors(
        [&](const at::Tensor& error) { return error.scatter(1, problem.labels.unsqueeze(1), 0.0); });
    const auto right = problem.with_errors(unchanged);
    const auto measured = problem.float32();
    double largest_shift = 0;
    for (std::int64_t i = 0; i < 6; ++i)
        if (vanished[i].item<bool>()) {
            EXPECT_TENSOR_NEAR(measured[i], wrong[i], 5e-3);
            largest_shift = std::max(largest_shift, largest_difference(measured[i], right[i]));
        }
    EXPECT_GT(largest_shift, 0.05) << "the pitfall shows";
}

TEST(Float32Path, IsUndefinedWhereTheErrorIsBelowFloat32)
{
    Problem problem;
    problem.make_confident(1000);
    const auto errors = output_error(problem.network.forward(problem.inputs).logits, problem.labels,
                                     jobs::Loss::cross_entropy)
                            .norm;
    const auto measured = problem.float32();
    bool seen = false;
    for (std::int64_t i = 0; i < 6; ++i)
        if (entry(errors, i) < 1e-50) {
            seen = true;
            EXPECT_TRUE(measured[i].isnan().all().item<bool>());
        }
    EXPECT_TRUE(seen);
}

TEST(Float32Path, SurvivesNanWeights)
{
    Problem problem;
    problem.network.head[0][0] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(problem.float32().isnan().all().item<bool>());
}

} // namespace
} // namespace fa::diagnostics
