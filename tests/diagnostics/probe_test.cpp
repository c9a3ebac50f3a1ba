#include "diagnostics/probe.hpp"

#include "tests/support/expect_tensor.hpp"
#include "tests/support/two_block_network.hpp"

#include <limits>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

at::Tensor some_inputs(std::int64_t samples = 6)
{
    return TwoBlockNetwork::entries({samples, 5}, 1.0, 0.9);
}
at::Tensor some_labels(std::int64_t samples = 6)
{
    return at::arange(samples, at::TensorOptions(at::kLong)) % 4;
}

/// ℓ of one sample, as a textbook writes it.
double loss_of(const at::Tensor& logits, std::int64_t label, jobs::Loss loss)
{
    double sum = 0;
    for (std::int64_t j = 0; j < logits.size(0); ++j)
        sum += loss == jobs::Loss::mse ? 0.5 * std::pow(entry(logits, j) - (j == label), 2)
                                       : std::exp(entry(logits, j));
    return loss == jobs::Loss::mse ? sum : std::log(sum) - entry(logits, label);
}

void expect_finite_differences(jobs::Loss loss)
{
    const TwoBlockNetwork network;
    const auto labels = some_labels();
    const Probe probed = probe(network, some_inputs(), labels, loss);
    constexpr double step = 1e-5;
    for (std::size_t layer = 0; layer < 3; ++layer)
        for (std::int64_t i = 0; i < 6; ++i)
            for (std::int64_t k = 0; k < 7; ++k) {
                auto above = probed.hidden[layer].clone();
                auto below = probed.hidden[layer].clone();
                above[i][k] += step;
                below[i][k] -= step;
                const auto label = labels[i].item<std::int64_t>();
                const double slope = (loss_of(network.logits_from(layer, above)[i], label, loss) -
                                      loss_of(network.logits_from(layer, below)[i], label, loss)) /
                                     (2 * step);
                EXPECT_NEAR(entry(probed.gradient[layer], i, k), slope, 1e-8)
                    << layer << ' ' << i << ' ' << k;
            }
}

TEST(Probe, GradientsAreTheSlopesOfEachSamplesCrossEntropy)
{
    expect_finite_differences(jobs::Loss::cross_entropy);
}

TEST(Probe, GradientsAreTheSlopesOfEachSamplesSquaredError)
{
    expect_finite_differences(jobs::Loss::mse);
}

TEST(Probe, NormsAndUnitRowsAreTheGradients)
{
    const Probe probed = probe(TwoBlockNetwork(), some_inputs(), some_labels(), jobs::Loss::cross_entropy);
    for (std::int64_t layer = 0; layer < 3; ++layer) {
        const auto vectors = probed.reference(static_cast<std::size_t>(layer));
        EXPECT_TENSOR_NEAR(vectors.norm, probed.gradient[static_cast<std::size_t>(layer)].norm(2, 1), 1e-15);
        EXPECT_TENSOR_NEAR(vectors.unit * vectors.norm.unsqueeze(1),
                           probed.gradient[static_cast<std::size_t>(layer)], 1e-15);
    }
}

TEST(Probe, KeepsTheDirectionOfGradientsWhoseErrorsVanish)
{
    // Two classes: ê is (−1, 1)/√2 whatever the logits, so no direction may depend on the head's scale.
    TwoBlockNetwork network(5, 7, 2);
    const auto inputs = some_inputs();
    const auto logits = network.forward(inputs).logits.detach();
    const auto predicted = logits.argmax(1);
    const Probe plain = probe(network, inputs, predicted, jobs::Loss::cross_entropy);
    network.head = network.head * (500 / (logits.amax(1) - logits.amin(1)).max());
    const Probe confident = probe(network, inputs, predicted, jobs::Loss::cross_entropy);
    ASSERT_NEAR(confident.output.norm.min().log().item<double>(), -500, 1); // 1e-217
    for (std::size_t layer = 0; layer < 3; ++layer)
        EXPECT_TENSOR_NEAR(confident.unit_gradient[layer], plain.unit_gradient[layer], 1e-12);
}

TEST(Probe, SamplesDoNotInfluenceEachOther)
{
    const TwoBlockNetwork network;
    const Probe all = probe(network, some_inputs(), some_labels(), jobs::Loss::cross_entropy);
    auto spoilt = some_inputs();
    spoilt[2].fill_(std::numeric_limits<double>::quiet_NaN());
    const Probe one_bad = probe(network, spoilt, some_labels(), jobs::Loss::cross_entropy);
    for (std::size_t layer = 0; layer < 3; ++layer) {
        EXPECT_TRUE(one_bad.gradient[layer][2].isnan().all().item<bool>());
        EXPECT_TRUE(one_bad.unit_gradient[layer][2].isnan().all().item<bool>());
        EXPECT_TENSOR_NEAR(one_bad.gradient[layer].narrow(0, 3, 3), all.gradient[layer].narrow(0, 3, 3),
                           1e-15);
    }
}

TEST(Probe, OfANetworkWithNanWeightsIsNanEverywhere)
{
    TwoBlockNetwork network;
    network.first[0][0] = std::numeric_limits<double>::quiet_NaN();
    const Probe probed = probe(network, some_inputs(), some_labels(), jobs::Loss::cross_entropy);
    EXPECT_TRUE(probed.gradient_norm.isnan().all().item<bool>());
    EXPECT_TRUE(probed.output.loss.isnan().all().item<bool>());
}

TEST(Probe, ConvertsTheInputsToTheNetworksPrecision)
{
    const TwoBlockNetwork network;
    const Probe from32 =
        probe(network, some_inputs().to(at::kFloat), some_labels(), jobs::Loss::cross_entropy, at::kDouble);
    const Probe in32 =
        probe(*network.to(at::kFloat), some_inputs(), some_labels(), jobs::Loss::cross_entropy, at::kFloat);
    EXPECT_EQ(from32.gradient[0].scalar_type(), at::kDouble);
    EXPECT_EQ(in32.gradient[0].scalar_type(), at::kDouble);
    EXPECT_TENSOR_NEAR(in32.gradient_norm, from32.gradient_norm, 1e-5);
}

TEST(Probe, WorksWhereGradientsAreSwitchedOff)
{
    const at::NoGradGuard off;
    EXPECT_NO_THROW(probe(TwoBlockNetwork(), some_inputs(), some_labels(), jobs::Loss::cross_entropy));
}

TEST(Probe, RefusesAHiddenStateThatTheLogitsDoNotDependOn)
{
    TwoBlockNetwork network;
    network.disconnected = true;
    try {
        probe(network, some_inputs(), some_labels(), jobs::Loss::cross_entropy);
        FAIL() << "zeros were taken for a gradient";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("h_1 is undefined"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace fa::diagnostics
