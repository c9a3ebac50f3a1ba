#include "diagnostics/bridge_credit.hpp"

#include "diagnostics/own_credit.hpp"
#include "diagnostics/probe.hpp"
#include "models/resmlp.hpp"
#include "tests/models/small_resmlp.hpp"
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
using models::BridgeKind;
using ::testing::HasSubstr;

constexpr Sizes sizes{.features = 5, .width = 6, .hidden = 4, .depth = 2, .classes = 3};
constexpr std::int64_t samples = 4;

/// Deterministic tensors of a bridge that is 7 wide.
models::Checkpoint bridge_checkpoint(BridgeKind kind)
{
    models::Checkpoint checkpoint;
    double phase = 0.2;
    for (const auto& [name, shape] : models::bridge_layout(kind, sizes.width, sizes.classes, 7)) {
        checkpoint.tensors[name] = TwoBlockNetwork::entries(shape, 0.6, phase += 0.7);
        if (name == "bridge.ln.weight")
            checkpoint.tensors[name] += 1;
    }
    return checkpoint;
}

struct Problem {
    models::ResMlp network{small_tensors(sizes)};
    at::Tensor inputs = small_inputs(samples, sizes.features);
    at::Tensor labels = at::tensor({2, 0, 1, 1}, at::kLong);

    CreditContext context() const
    {
        CreditContext context{.network = network, .inputs = inputs, .labels = labels, .hidden = {}};
        for (const auto& hidden : network.forward(inputs).hidden)
            context.hidden.push_back(hidden.detach());
        return context;
    }
    std::unique_ptr<const CreditSignal> signal(jobs::Credit credit, Loss loss = Loss::cross_entropy) const
    {
        jobs::RunSpec spec;
        spec.credit = credit;
        spec.loss = loss;
        return own_credit(
            spec, bridge_checkpoint(credit == jobs::Credit::sb ? BridgeKind::state : BridgeKind::credit),
            network);
    }
};

at::Tensor raw(const SampleVectors& vectors)
{
    return vectors.unit * vectors.norm.unsqueeze(1);
}

double gelu(double x)
{
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}

std::vector<double> numbers(const at::Tensor& row)
{
    const auto flat = row.contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// fc3(gelu(fc2(gelu(fc1(x))))) in loops.
std::vector<double> slow_net(const models::Checkpoint& bridge, std::vector<double> x)
{
    for (const int n : {1, 2, 3}) {
        const auto name = "bridge.fc" + std::to_string(n);
        const auto weight = bridge.tensors.at(name + ".weight"), bias = bridge.tensors.at(name + ".bias");
        std::vector<double> next;
        for (std::int64_t i = 0; i < weight.size(0); ++i) {
            double sum = bias[i].item<double>();
            for (std::int64_t j = 0; j < weight.size(1); ++j)
                sum += weight[i][j].item<double>() * x[static_cast<std::size_t>(j)];
            next.push_back(n < 3 ? gelu(sum) : sum);
        }
        x = next;
    }
    return x;
}

/// LayerNorm(h) and t of one sample.
std::vector<double> slow_seen(const models::Checkpoint& bridge, const std::vector<double>& h, double t)
{
    double mean = 0, variance = 0;
    for (const double entry : h)
        mean += entry / static_cast<double>(h.size());
    for (const double entry : h)
        variance += (entry - mean) * (entry - mean) / static_cast<double>(h.size());
    std::vector<double> x;
    for (std::size_t k = 0; k < h.size(); ++k) {
        const auto at = static_cast<std::int64_t>(k);
        x.push_back((h[k] - mean) / std::sqrt(variance + 1e-5) *
                        bridge.tensors.at("bridge.ln.weight")[at].item<double>() +
                    bridge.tensors.at("bridge.ln.bias")[at].item<double>());
    }
    x.push_back(t);
    return x;
}

/// G(h, t) of one sample.
std::vector<double> slow_state(const models::Checkpoint& bridge, const std::vector<double>& h, double t)
{
    auto state = slow_net(bridge, slow_seen(bridge, h, t));
    for (std::size_t k = 0; k < h.size(); ++k)
        state[k] += h[k];
    return state;
}

/// V(h, t, onehot(y)) of one sample.
double slow_loss(const models::Checkpoint& bridge, const std::vector<double>& h, double t, std::int64_t label)
{
    auto x = slow_seen(bridge, h, t);
    for (std::int64_t j = 0; j < sizes.classes; ++j)
        x.push_back(j == label ? 1 : 0);
    return slow_net(bridge, x).front();
}

/// Derivatives of a function of one sample's state by central differences, [samples, d].
template <typename Function>
at::Tensor differences(const at::Tensor& states, const Function& value)
{
    auto slope = at::zeros_like(states);
    for (std::int64_t i = 0; i < states.size(0); ++i)
        for (std::int64_t k = 0; k < states.size(1); ++k) {
            const auto moved = [&](double by) {
                auto h = numbers(states[i]);
                h[static_cast<std::size_t>(k)] += by;
                return value(i, h);
            };
            slope[i][k] = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        }
    return slope;
}

TEST(StateBridge, IsTheStatePlusWhatItsNetworkSaysOfTheNormalisedOne)
{
    const auto checkpoint = bridge_checkpoint(BridgeKind::state);
    const models::Bridge bridge(BridgeKind::state, checkpoint.tensors, sizes.width, sizes.classes);
    const auto h = TwoBlockNetwork::entries({samples, sizes.width}, 2.0, 0.1);
    const auto predicted = bridge.state(h, 0.25);
    for (std::int64_t i = 0; i < samples; ++i)
        EXPECT_TENSOR_NEAR(predicted[i], at::tensor(slow_state(checkpoint, numbers(h[i]), 0.25), at::kDouble),
                           1e-13);
}

TEST(StateBridge, CreditIsTheSlopeOfTheLossOfThePredictedLastState)
{
    const Problem problem;
    const auto checkpoint = bridge_checkpoint(BridgeKind::state);
    for (const auto loss : {Loss::cross_entropy, Loss::mse}) {
        const auto credit = (*problem.signal(jobs::Credit::sb, loss))(problem.context(), {}).layers;
        ASSERT_EQ(credit.size(), 3U);
        for (std::size_t l = 0; l < 3; ++l)
            EXPECT_TENSOR_NEAR(
                raw(credit[l]),
                differences(
                    problem.context().hidden[l],
                    [&](std::int64_t i, const std::vector<double>& h) {
                        const auto last =
                            l == 2 ? h : slow_state(checkpoint, h, 0.5 * static_cast<double>(l));
                        const auto logits = problem.network.head(at::tensor(last, at::kDouble).unsqueeze(0));
                        return output_error(logits, problem.labels.narrow(0, i, 1), loss).loss.item<double>();
                    }),
                1e-8);
    }
}

TEST(StateBridge, AtTheLastLayerIsTheGradientItself)
{
    const Problem problem;
    const auto credit = (*problem.signal(jobs::Credit::sb))(problem.context(), {}).layers;
    EXPECT_TENSOR_NEAR(
        raw(credit.back()),
        probe(problem.network, problem.inputs, problem.labels, Loss::cross_entropy).gradient.back(), 1e-14);
}

TEST(CreditBridge, CreditIsTheSlopeOfThePredictedLoss)
{
    const Problem problem;
    const auto checkpoint = bridge_checkpoint(BridgeKind::credit);
    const auto credit = (*problem.signal(jobs::Credit::cb))(problem.context(), {}).layers;
    ASSERT_EQ(credit.size(), 3U);
    for (std::size_t l = 0; l < 3; ++l)
        EXPECT_TENSOR_NEAR(raw(credit[l]),
                           differences(problem.context().hidden[l],
                                       [&](std::int64_t i, const std::vector<double>& h) {
                                           return slow_loss(checkpoint, h, 0.5 * static_cast<double>(l),
                                                            problem.labels[i].item<std::int64_t>());
                                       }),
                           1e-8);
}

TEST(BridgeCredit, InFloat32IsTheSameToItsPrecision)
{
    const Problem problem;
    const auto network32 = problem.network.to(at::kFloat);
    CreditContext of32{.network = *network32,
                       .inputs = problem.inputs.to(at::kFloat),
                       .labels = problem.labels,
                       .hidden = {}};
    for (const auto& hidden : problem.context().hidden)
        of32.hidden.push_back(hidden.to(at::kFloat));
    for (const auto rule : {jobs::Credit::sb, jobs::Credit::cb}) {
        const auto signal = problem.signal(rule);
        const auto exact = (*signal)(problem.context(), {}).layers;
        const auto usual = signal->in_float32(of32, {});
        for (std::size_t l = 0; l < 3; ++l) {
            EXPECT_EQ(usual[l].scalar_type(), at::kFloat);
            EXPECT_TENSOR_NEAR(usual[l], raw(exact[l]), 2e-5);
        }
    }
}

template <typename Exception>
std::string refusal(jobs::Credit credit, const models::Checkpoint& checkpoint, const models::Network& network)
{
    jobs::RunSpec spec;
    spec.credit = credit;
    return message_of<Exception>([&] { own_credit(spec, checkpoint, network); });
}

TEST(BridgeCredit, NeedsTheRulesNetwork)
{
    const Problem problem;
    EXPECT_THAT(refusal<models::CheckpointError>(jobs::Credit::sb, {}, problem.network),
                HasSubstr("tensors bridge.…, and there are none"));
    EXPECT_THAT(
        refusal<models::CheckpointError>(jobs::Credit::sb, bridge_checkpoint(BridgeKind::credit),
                                         problem.network),
        HasSubstr("no state bridge: tensor 'bridge.fc1.weight' is Double [7, 10] where a floating [7, 7]"));
    auto checkpoint = bridge_checkpoint(BridgeKind::credit);
    checkpoint.tensors["bridge.fc2.weight"] = at::zeros({7, 8}, at::kDouble);
    checkpoint.tensors["bridge.fc5.weight"] = at::zeros({1, 1}, at::kDouble);
    EXPECT_THAT(refusal<models::CheckpointError>(jobs::Credit::cb, checkpoint, problem.network),
                AllOf(HasSubstr("'bridge.fc2.weight' is Double [7, 8] where a floating [7, 7]"),
                      HasSubstr("'bridge.fc5.weight' [1, 1] is left over")));
}

TEST(BridgeCredit, NeedsOneWidthForAllLayers)
{
    EXPECT_THAT(refusal<std::invalid_argument>(jobs::Credit::cb, bridge_checkpoint(BridgeKind::credit),
                                               ThinningNetwork()),
                HasSubstr("one bridge for all layers, but h_0 has 7 numbers and another layer 6"));
}

TEST(Callback, NeedsANetworkThatHasOne)
{
    EXPECT_THAT(refusal<std::invalid_argument>(jobs::Credit::callback, {}, ThinningNetwork()),
                HasSubstr("no method local_credit(x, y)"));
}

} // namespace
} // namespace fa::diagnostics
