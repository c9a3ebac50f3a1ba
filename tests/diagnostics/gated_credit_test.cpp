/// Feedback alignment as published for plain MLPs (Lillicrap et al. 2016): with B_l = W_{l+1}ᵀ it is
/// backpropagation.
#include "diagnostics/gamma_engine.hpp"
#include "diagnostics/measure.hpp"
#include "models/mlp.hpp"
#include "tests/diagnostics/gamma_results.hpp"
#include "tests/support/expect_tensor.hpp"

#include <fmt/format.h>

#include <cmath>

namespace fa::diagnostics {
namespace {

using models::Activation;
using models::HiddenStates;
using namespace fa::testing;

constexpr std::int64_t samples = 5, classes = 4;
const std::vector<std::int64_t> sizes = {6, 9, 3, 7, classes}; // input, h_0, h_1, h_2, logits

struct Chain {
    Activation activation;
    HiddenStates states;
};

void PrintTo(const Chain& chain, std::ostream* out)
{
    *out << models::to_string(chain.activation)
         << (chain.states == HiddenStates::after_activation ? ", post" : ", pre");
}

class PlainMlp : public ::testing::TestWithParam<Chain> {
  protected:
    void SetUp() override
    {
        at::manual_seed(11);
        const auto options = at::TensorOptions(at::kDouble);
        for (std::size_t k = 0; k + 1 < sizes.size(); ++k) {
            tensors_[fmt::format("layers.{}.weight", k)] = at::randn({sizes[k + 1], sizes[k]}, options);
            tensors_[fmt::format("layers.{}.bias", k)] = 0.3 * at::randn({sizes[k + 1]}, options);
        }
        inputs_ = at::randn({samples, sizes[0]}, options);
    }

    models::Mlp network() const { return {tensors_, GetParam().activation, GetParam().states}; }
    at::Tensor weight(std::size_t k) const { return tensors_.at(fmt::format("layers.{}.weight", k)); }
    /// B_l = W_{l+1}ᵀ.
    std::vector<at::Tensor> transposed_weights() const
    {
        return {weight(1).t().contiguous(), weight(2).t().contiguous(), weight(3).t().contiguous()};
    }
    BatchResult measured(const std::vector<at::Tensor>& feedback,
                         jobs::Credit credit = jobs::Credit::fa) const
    {
        const auto mlp = network();
        Evaluation evaluation;
        evaluation.credit = credit;
        evaluation.training_feedback = feedback;
        return measure_batch(mlp, *mlp.to(at::kFloat), inputs_, labels_, evaluation);
    }

    models::Tensors tensors_;
    at::Tensor inputs_;
    at::Tensor labels_ = at::arange(samples, at::TensorOptions(at::kLong)) % classes;
};

/// σ′ in closed form.
double slope(Activation activation, double z)
{
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
    switch (activation) {
    case Activation::relu:
        return z > 0 ? 1 : 0;
    case Activation::tanh:
        return 1 / (std::cosh(z) * std::cosh(z));
    case Activation::sigmoid:
        return 1 / ((1 + std::exp(z)) * (1 + std::exp(-z)));
    case Activation::gelu:
        return 0.5 * std::erfc(-z / std::sqrt(2)) + z * density;
    default:
        return 1; // identity; gelu_tanh has the tests with autograd
    }
}

/// One where there is a gradient, NaN where ReLUs stop it all.
at::Tensor one_where_defined(const BatchMeasurements& measured)
{
    return at::where(measured.gradient_norm == 0, std::nan(""), at::ones_like(measured.gradient_norm));
}

TEST_P(PlainMlp, HasGammaOneWhereTheMatricesAreTheTransposedWeights)
{
    const auto m = measured(transposed_weights()).measured;
    EXPECT_TENSOR_NEAR(m.gamma_train, one_where_defined(m), 1e-14);
    EXPECT_TENSOR_NEAR(m.float32_gamma, one_where_defined(m), 2e-6);
    EXPECT_TENSOR_NEAR(m.batchvec_train, at::ones({3}, at::kDouble), 1e-14);
    EXPECT_TENSOR_NEAR(m.flat_train, at::ones({3}, at::kDouble), 1e-14);
    EXPECT_TENSOR_NEAR(m.concat_train, at::ones({samples}, at::kDouble), 1e-14);
}

TEST_P(PlainMlp, HasFreshGammaOneForADrawOfTheTransposedWeights)
{
    const auto rule = propagation_of(jobs::Credit::fa, GetParam().states);
    const auto result = measured(transposed_weights());
    const Shape shape{samples, {9, 3, 7}, classes, 1, rule};
    auto draws = draws_of(shape);
    for (std::size_t l = 0; l < 3; ++l) {
        const auto matrix = transposed_weights()[l].to(at::kFloat).contiguous();
        const auto* first = matrix.const_data_ptr<float>();
        draws.layers[l] = packed({first, first + matrix.numel()}, draws.layers[l], Form::direct);
    }
    const auto fresh = diagnostics::gamma_of_draws(rule, result.gamma_inputs, draws);
    EXPECT_TENSOR_NEAR(fresh.gamma[0], one_where_defined(result.measured), tolerance);
    EXPECT_TENSOR_NEAR(fresh.batchvec, at::ones({1, 3}), tolerance);
    EXPECT_TENSOR_NEAR(fresh.flat, at::ones({1, 3}), tolerance);
    EXPECT_TENSOR_NEAR(fresh.concat, at::ones({1, samples}), tolerance);
}

TEST_P(PlainMlp, CarriesTheErrorDownThroughMatricesAndSlopes)
{
    if (GetParam().activation == Activation::gelu_tanh)
        GTEST_SKIP() << "has no closed form here";
    const auto mlp = network();
    const bool before = GetParam().states == HiddenStates::before_activation;
    const std::vector<at::Tensor> feedback = {at::randn({9, 3}, at::kDouble), at::randn({3, 7}, at::kDouble),
                                              at::randn({7, classes}, at::kDouble)};
    const auto output = output_error(mlp.forward(inputs_).logits, labels_, jobs::Loss::cross_entropy);
    const FeedbackCredit rule(jobs::Credit::fa, jobs::Loss::cross_entropy, feedback, GetParam().states);
    const CreditContext context{.network = mlp, .inputs = inputs_, .labels = labels_, .hidden = {}};
    const auto credit = rule(context, output).layers;
    const models::Mlp sums(tensors_, GetParam().activation, HiddenStates::before_activation);
    const auto z = sums.forward(inputs_).hidden;
    for (std::int64_t n = 0; n < samples; ++n) {
        at::Tensor from_above = output.error[n];
        for (std::size_t l = 3; l-- > 0;) {
            const at::Tensor product = feedback[l].mv(from_above);
            at::Tensor gated = product.clone();
            for (std::int64_t k = 0; k < gated.size(0); ++k)
                gated[k] *= slope(GetParam().activation, z[l][n][k].item<double>());
            const at::Tensor expected = before ? gated : product;
            EXPECT_TENSOR_NEAR(credit[l].unit[n].nan_to_num(0.0) * credit[l].norm[n], expected, 1e-12);
            from_above = gated;
        }
    }
}

TEST_P(PlainMlp, LeavesTheSlopesOutUnderFaNoskip)
{
    const auto gamma = measured(transposed_weights(), jobs::Credit::fa_noskip).measured.gamma_train;
    const bool linear = GetParam().activation == Activation::identity;
    EXPECT_EQ(gamma.select(1, 0).nan_to_num(1.0).sub(1).abs().max().item<double>() < 1e-14, linear);
}

INSTANTIATE_TEST_SUITE_P(Every, PlainMlp, ::testing::ValuesIn([] {
                             std::vector<Chain> chains;
                             for (const auto activation :
                                  {Activation::relu, Activation::tanh, Activation::sigmoid, Activation::gelu,
                                   Activation::gelu_tanh, Activation::identity})
                                 for (const auto states :
                                      {HiddenStates::after_activation, HiddenStates::before_activation})
                                     chains.push_back({activation, states});
                             return chains;
                         }()));

TEST(Slope, OfReluAtZeroIsZero)
{
    EXPECT_TENSOR_NEAR(models::slope(Activation::relu, vector({-1, 0, 1e-300})), vector({0, 0, 1}), 0);
}

} // namespace
} // namespace fa::diagnostics
