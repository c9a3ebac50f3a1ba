#include "models/resmlp.hpp"
#include "tests/models/small_resmlp.hpp"

#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace fa::models {
namespace {

using Vector = std::vector<double>;

Vector values(const at::Tensor& tensor)
{
    const auto flat = tensor.to(at::kDouble).contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// y = W x + b by loops.
Vector affine(const std::map<std::string, at::Tensor>& tensors, const std::string& name, const Vector& x)
{
    const auto weight = values(tensors.at(name + ".weight"));
    auto y = values(tensors.at(name + ".bias"));
    for (std::size_t i = 0; i < y.size(); ++i)
        for (std::size_t j = 0; j < x.size(); ++j)
            y[i] += weight[i * x.size() + j] * x[j];
    return y;
}

/// LayerNorm by its definition: biased variance, eps inside the root.
Vector norm(const std::map<std::string, at::Tensor>& tensors, const std::string& name, const Vector& x)
{
    double mean = 0;
    double variance = 0;
    for (const double entry : x)
        mean += entry / static_cast<double>(x.size());
    for (const double entry : x)
        variance += (entry - mean) * (entry - mean) / static_cast<double>(x.size());
    const auto weight = values(tensors.at(name + ".weight"));
    auto y = values(tensors.at(name + ".bias"));
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] += weight[i] * (x[i] - mean) / std::sqrt(variance + 1e-5);
    return y;
}

double gelu(double x)
{
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}

void expect_near(const at::Tensor& row, const Vector& expected)
{
    const auto found = values(row);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_NEAR(found[i], expected[i], 1e-13);
}

TEST(ResMlp, ForwardIsTheFormulaWrittenAsLoops)
{
    const fa::testing::Sizes sizes{.hidden = 9};
    const auto tensors = fa::testing::small_tensors(sizes);
    const auto inputs = fa::testing::small_inputs(4, sizes.features);
    const auto activations = ResMlp(tensors).forward(inputs);
    ASSERT_EQ(activations.hidden.size(), 3U);
    for (std::int64_t i = 0; i < 4; ++i) {
        auto h = affine(tensors, "embed", values(inputs[i]));
        expect_near(activations.hidden[0][i], h);
        for (std::int64_t l = 0; l < sizes.depth; ++l) {
            const auto block = "blocks." + std::to_string(l);
            auto inner = affine(tensors, block + ".fc1", norm(tensors, block + ".ln", h));
            for (auto& entry : inner)
                entry = gelu(entry);
            const auto branch = affine(tensors, block + ".fc2", inner);
            for (std::size_t j = 0; j < h.size(); ++j)
                h[j] += branch[j];
            expect_near(activations.hidden[static_cast<std::size_t>(l) + 1][i], h);
        }
        expect_near(activations.logits[i], affine(tensors, "head", norm(tensors, "out_ln", h)));
    }
}

TEST(ResMlp, HiddenStatesHaveGradientsThoughNoParameterRequiresOne)
{
    // The trap: tensors read from a file don't require grad; without a leaf h_0 nothing would be recorded.
    const auto activations = ResMlp(fa::testing::small_tensors()).forward(fa::testing::small_inputs(3, 5));
    EXPECT_TRUE(activations.hidden[0].requires_grad());
    const auto gradients = torch::autograd::grad({activations.logits.sum()}, activations.hidden);
    for (const auto& gradient : gradients)
        EXPECT_GT(gradient.abs().sum().item<double>(), 0);
}

TEST(ResMlp, RecordsNothingUnderNoGrad)
{
    const at::NoGradGuard guard;
    EXPECT_FALSE(
        ResMlp(fa::testing::small_tensors()).forward(fa::testing::small_inputs(3, 5)).logits.requires_grad());
}

TEST(ResMlp, GradientsReachTrainableParameters)
{
    auto tensors = fa::testing::small_tensors();
    const auto weight = tensors.at("embed.weight").requires_grad_();
    const auto logits = ResMlp(tensors).forward(fa::testing::small_inputs(3, 5)).logits;
    EXPECT_GT(torch::autograd::grad({logits.square().sum()}, {weight})[0].abs().sum().item<double>(), 0);
}

TEST(ResMlp, FlattensInputs)
{
    const ResMlp network(fa::testing::small_tensors({.features = 12}));
    const auto inputs = fa::testing::small_inputs(3, 12);
    EXPECT_TRUE(network.forward(inputs.reshape({3, 2, 6})).logits.equal(network.forward(inputs).logits));
}

TEST(ResMlp, RefusesInputsOfAnotherSizeOrPrecision)
{
    const ResMlp network(fa::testing::small_tensors());
    EXPECT_THAT(fa::testing::message_of<std::invalid_argument>(
                    [&] { network.forward(fa::testing::small_inputs(3, 4)); }),
                ::testing::HasSubstr("4 features a sample, the network takes 5"));
    EXPECT_THAT(fa::testing::message_of<std::invalid_argument>(
                    [&] { network.forward(fa::testing::small_inputs(3, 5, at::kFloat)); }),
                ::testing::HasSubstr("inputs are Float, the network is Double"));
}

TEST(ResMlp, ComesInAnotherPrecisionWithoutChangingItself)
{
    const ResMlp network(fa::testing::small_tensors());
    const auto narrow = network.to(at::kFloat);
    EXPECT_EQ(narrow->forward(fa::testing::small_inputs(2, 5, at::kFloat)).logits.scalar_type(), at::kFloat);
    EXPECT_EQ(network.forward(fa::testing::small_inputs(2, 5)).logits.scalar_type(), at::kDouble);
    EXPECT_EQ(narrow->architecture(), network.architecture());
}

TEST(ResMlp, NanWeightsGiveNanLogitsAndNoError)
{
    auto tensors = fa::testing::small_tensors();
    tensors["blocks.0.fc1.bias"].fill_(std::nan(""));
    EXPECT_TRUE(ResMlp(tensors).forward(fa::testing::small_inputs(2, 5)).logits.isnan().all().item<bool>());
}

TEST(ResMlp, NamedTensorsBuildTheSameNetwork)
{
    const auto tensors = fa::testing::small_tensors();
    const auto named = ResMlp(tensors).named_tensors();
    EXPECT_EQ((std::map<std::string, at::Tensor>(named.begin(), named.end()).size()), tensors.size());
    for (const auto& [name, tensor] : named)
        EXPECT_TRUE(tensor.is_same(tensors.at(name))) << name << " was copied: training would lose it";
}

} // namespace
} // namespace fa::models
