#include "diagnostics/equilibrium.hpp"

#include "diagnostics/own_credit.hpp"
#include "diagnostics/probe.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/thinning_network.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
using jobs::Loss;
using States = std::vector<at::Tensor>;

struct Problem {
    ThinningNetwork network{0.3};
    at::Tensor inputs = TwoBlockNetwork::entries({5, 5}, 1.0, 0.9);
    at::Tensor labels = at::arange(5, at::TensorOptions(at::kLong)) % 3;

    CreditContext context() const
    {
        CreditContext context{.network = network, .inputs = inputs, .labels = labels, .hidden = {}};
        for (const auto& hidden : network.forward(inputs).hidden)
            context.hidden.push_back(hidden.detach());
        return context;
    }
    CreditVectors credit(jobs::Relaxation relaxation, Loss loss = Loss::cross_entropy) const
    {
        return EquilibriumCredit(loss, relaxation)(context(), {});
    }
    Probe probed(Loss loss = Loss::cross_entropy) const { return probe(network, inputs, labels, loss); }
};

at::Tensor raw(const SampleVectors& vectors)
{
    return vectors.unit * vectors.norm.unsqueeze(1);
}

/// E of one sample by its definition, in loops; cross entropy.
double energy(const ThinningNetwork& network, const Problem& problem, const States& states, std::int64_t i,
              double beta)
{
    const at::NoGradGuard constant;
    const auto logits = network.head(states.back())[i];
    double sum = 0;
    for (std::int64_t j = 0; j < 3; ++j)
        sum += std::exp(logits[j].item<double>());
    const auto label = problem.labels[i].item<std::int64_t>();
    double total = -beta * (logits[label].item<double>() - std::log(sum));
    for (std::size_t l = 0; l < states.size(); ++l) {
        const auto prediction = l == 0 ? network.embed(problem.inputs)
                                       : network.layer(static_cast<std::int64_t>(l) - 1, states[l - 1]);
        for (std::int64_t k = 0; k < states[l].size(1); ++k) {
            const double residual = states[l][i][k].item<double>() - prediction[i][k].item<double>();
            total += 0.5 * residual * residual;
        }
    }
    return total;
}

/// Slopes of the sum over samples by central differences.
States slopes(const Problem& problem, const States& states, double beta)
{
    States result;
    for (std::size_t l = 0; l < states.size(); ++l) {
        auto slope = at::zeros_like(states[l]);
        for (std::int64_t i = 0; i < slope.size(0); ++i)
            for (std::int64_t k = 0; k < slope.size(1); ++k) {
                const auto moved = [&](double by) {
                    auto other = states;
                    other[l] = states[l].clone();
                    other[l][i][k] += by;
                    return energy(problem.network, problem, other, i, beta);
                };
                slope[i][k] = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            }
        result.push_back(slope);
    }
    return result;
}

double length(const States& slopes, std::int64_t i)
{
    double sum = 0;
    for (const auto& slope : slopes)
        sum += slope[i].square().sum().item<double>();
    return std::sqrt(sum);
}

TEST(EquilibriumCredit, IsTheErrorNodeOfTheStatesThatDescentByDifferencesReaches)
{
    const Problem problem;
    const jobs::Relaxation relaxation{.beta = 0.3, .steps = 4, .step = 0.1};
    const auto free = problem.context().hidden;
    auto states = free;
    for (int step = 0; step < 4; ++step) {
        const auto slope = slopes(problem, states, 0.3);
        for (std::size_t l = 0; l < states.size(); ++l)
            states[l] = states[l] - 0.1 * slope[l];
    }
    const auto credit = problem.credit(relaxation);
    for (std::size_t l = 0; l < states.size(); ++l) {
        const auto prediction = l == 0
                                    ? problem.network.embed(problem.inputs)
                                    : problem.network.layer(static_cast<std::int64_t>(l) - 1, states[l - 1]);
        EXPECT_TENSOR_NEAR(raw(credit.layers[l]), (states[l] - prediction) / -0.3, 1e-8);
    }
    for (std::int64_t i = 0; i < 5; ++i)
        EXPECT_NEAR(entry(credit.residual, i),
                    length(slopes(problem, states, 0.3), i) / length(slopes(problem, free, 0.3), i), 1e-7);
}

/// Largest ‖a_l − g_l‖/‖g_l‖ of all samples and layers.
double distance_to_gradient(const Problem& problem, double beta, Loss loss)
{
    const auto credit = problem.credit({.beta = beta, .steps = 1500, .step = 0.2}, loss);
    const auto probed = problem.probed(loss);
    double largest = 0;
    // The residual relative to β‖∂ℓ/∂h_L‖, so that residual/β < 1e-6.
    EXPECT_LT(credit.residual.max().item<double>() * probed.gradient_norm.select(1, 3).max().item<double>(),
              1e-6);
    for (std::size_t l = 0; l < 4; ++l)
        for (std::int64_t i = 0; i < 5; ++i)
            largest = std::max(largest, norm(raw(credit.layers[l]) - probed.gradient[l], i) /
                                            norm(probed.gradient[l], i));
    return largest;
}

TEST(EquilibriumCredit, IsTheGradientToFirstOrderInTheNudge)
{
    const Problem problem;
    for (const auto loss : {Loss::cross_entropy, Loss::mse}) {
        const double coarse = distance_to_gradient(problem, 4e-3, loss);
        const double fine = distance_to_gradient(problem, 2e-3, loss);
        EXPECT_LT(coarse, 0.1);
        EXPECT_NEAR(fine / coarse, 0.5, 0.02);
    }
}

TEST(EquilibriumCredit, OfASureNetworkKeepsItsDigits)
{
    // The surest sample's logits are 30 apart: 1 − p_y is 1e-13, and p_y − 1 would have 1e-3 of rounding.
    Problem problem;
    const auto logits = problem.network.forward(problem.inputs).logits;
    problem.labels = logits.argmax(1);
    const auto sorted = std::get<0>(logits.sort(1, /*descending=*/true));
    problem.network.readout =
        problem.network.readout * 30.0 / (sorted.select(1, 0) - sorted.select(1, 1)).max().item<double>();
    const auto probed = problem.probed();
    const auto sure = probed.gradient_norm.select(1, 3).argmin().item<std::int64_t>();
    const double size = norm(probed.gradient.back(), sure);
    ASSERT_LT(size, 1e-9);
    // One step leaves h_L − F(h_{L−1}) = −step·β·g_L, so a_L = step·g_L; β so large that h_L moves by 1e-6.
    const auto top = problem.credit({.beta = 1e-5 / size, .steps = 1, .step = 0.1}).layers.back();
    EXPECT_LT(norm(raw(top) - 0.1 * probed.gradient.back(), sure), 1e-8 * 0.1 * size);
}

TEST(EquilibriumCredit, IsUndefinedWhereTheRelaxationGrows)
{
    const Problem problem;
    const auto credit = problem.credit({.beta = 0.3, .steps = 60, .step = 2.5}); // beyond 2/curvature
    EXPECT_FALSE(credit.residual.lt(1.0).any().item<bool>());
    for (const auto& layer : credit.layers)
        EXPECT_TRUE(layer.unit.isnan().all().item<bool>());
}

TEST(EquilibriumCredit, IsUndefinedOfBrokenSamplesAlone)
{
    Problem problem;
    problem.inputs[2][1] = std::numeric_limits<double>::quiet_NaN();
    const auto credit = problem.credit({});
    for (const auto& layer : credit.layers)
        for (std::int64_t i = 0; i < 5; ++i)
            EXPECT_EQ(layer.unit[i].isnan().any().item<bool>(), i == 2);
    EXPECT_TRUE(std::isnan(entry(credit.residual, 2)));
}

TEST(EquilibriumCredit, IsInDoubleWhateverTheNetworksPrecision)
{
    const Problem problem;
    const auto network32 = problem.network.to(at::kFloat);
    auto context = problem.context();
    CreditContext of32{.network = *network32,
                       .inputs = context.inputs.to(at::kFloat),
                       .labels = problem.labels,
                       .hidden = {}};
    for (const auto& hidden : context.hidden)
        of32.hidden.push_back(hidden.to(at::kFloat));
    // A nudge so small that float32 states would not move.
    const jobs::Relaxation relaxation{.beta = 1e-7, .steps = 12, .step = 0.1};
    const auto exact = problem.credit(relaxation);
    const auto from32 = EquilibriumCredit(Loss::cross_entropy, relaxation)(of32, {});
    for (std::size_t l = 0; l < 4; ++l)
        EXPECT_TENSOR_NEAR((from32.layers[l].unit * exact.layers[l].unit).sum(1), at::ones({5}, at::kDouble),
                           1e-5);
    const auto usual = EquilibriumCredit(Loss::cross_entropy, {}).in_float32(of32, {});
    const auto wanted = problem.credit({});
    for (std::size_t l = 0; l < 4; ++l) {
        EXPECT_EQ(usual[l].scalar_type(), at::kFloat);
        EXPECT_TENSOR_NEAR(usual[l], raw(wanted.layers[l]), 1e-5);
    }
}

TEST(EquilibriumCredit, NeedsANetworkInStages)
{
    const TwoBlockNetwork network;
    jobs::RunSpec spec;
    spec.credit = jobs::Credit::ep;
    try {
        own_credit(spec, {}, network);
        FAIL() << "a network that has only forward can't be relaxed";
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("credit=ep runs the network's layers one at a time"));
    }
}

TEST(Relaxation, IsOfTheKeysElseTheRecordElseTheDefaults)
{
    models::Checkpoint checkpoint;
    checkpoint.metadata = {{"ep_beta", "0.5"}, {"ep_steps", "20"}};
    jobs::RunSpec spec;
    EXPECT_EQ(relaxation_of(spec, {}), (jobs::Relaxation{.beta = 0.3, .steps = 12, .step = 0.1}));
    EXPECT_EQ(relaxation_of(spec, checkpoint), (jobs::Relaxation{.beta = 0.5, .steps = 20, .step = 0.1}));
    spec.ep_steps = 7;
    EXPECT_EQ(relaxation_of(spec, checkpoint), (jobs::Relaxation{.beta = 0.5, .steps = 7, .step = 0.1}));
}

TEST(Relaxation, RefusesRecordsThatAreNoPositiveNumbers)
{
    for (const auto& [key, text] : std::vector<std::pair<std::string, std::string>>{{"ep_beta", "0"},
                                                                                    {"ep_beta", "-1"},
                                                                                    {"ep_beta", "inf"},
                                                                                    {"ep_beta", "x"},
                                                                                    {"ep_step", "nan"},
                                                                                    {"ep_steps", "1.5"},
                                                                                    {"ep_steps", ""}}) {
        models::Checkpoint checkpoint;
        checkpoint.metadata[key] = text;
        EXPECT_THROW(relaxation_of({}, checkpoint), models::CheckpointError) << key << "=" << text;
    }
}

} // namespace
} // namespace fa::diagnostics
