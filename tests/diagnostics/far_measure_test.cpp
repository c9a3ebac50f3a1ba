/// What is measured on a batch is measured where its tensors are: on the tests' own device nothing is left on
/// the CPU, nothing waits, and the numbers are the CPU's.
#include "diagnostics/own_credit.hpp"
#include "models/bridge.hpp"
#include "models/checkpoint.hpp"
#include "tests/diagnostics/far_problem.hpp"
#include "tests/models/small_resmlp.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
using jobs::Credit;

FarProblem resmlp()
{
    return {std::make_unique<models::ResMlp>(small_tensors()), small_inputs(samples, 5)};
}

std::unique_ptr<models::Network> network_of(models::Checkpoint checkpoint, const std::string& model,
                                            const std::map<std::string, std::string>& options)
{
    return models::make_network(checkpoint, model, options);
}

/// Three hidden layers of different widths.
FarProblem mlp(const char* states)
{
    models::Checkpoint checkpoint;
    std::int64_t inputs = 5;
    for (std::int64_t n = 0; const std::int64_t outputs : {7L, 6L, 4L, classes}) {
        const auto layer = "layers." + std::to_string(n++);
        checkpoint.tensors[layer + ".weight"] =
            TwoBlockNetwork::entries({outputs, inputs}, 0.8, 0.4 + static_cast<double>(n));
        checkpoint.tensors[layer + ".bias"] = TwoBlockNetwork::entries({outputs}, 0.1, 1.0);
        inputs = outputs;
    }
    return {network_of(checkpoint, "mlp", {{"activation", "tanh"}, {"hidden_states", states}}),
            small_inputs(samples, 5)};
}

FarProblem vit()
{
    constexpr std::int64_t d = 4, tokens = 5;
    models::Checkpoint checkpoint;
    double phase = 0.1;
    const auto add = [&](const std::string& name, at::IntArrayRef shape) {
        checkpoint.tensors[name] = TwoBlockNetwork::entries(shape, 0.6, phase += 0.7);
    };
    add("patch_embed.weight", {d, 4});
    add("patch_embed.bias", {d});
    add("cls_token", {1, 1, d});
    add("pos_embed", {1, tokens, d});
    for (const auto& [name, shape] :
         std::map<std::string, std::vector<std::int64_t>>{{"blocks.0.ln1.weight", {d}},
                                                          {"blocks.0.ln1.bias", {d}},
                                                          {"blocks.0.attn.qkv.weight", {3 * d, d}},
                                                          {"blocks.0.attn.qkv.bias", {3 * d}},
                                                          {"blocks.0.attn.proj.weight", {d, d}},
                                                          {"blocks.0.attn.proj.bias", {d}},
                                                          {"blocks.0.ln2.weight", {d}},
                                                          {"blocks.0.ln2.bias", {d}},
                                                          {"blocks.0.mlp.fc1.weight", {6, d}},
                                                          {"blocks.0.mlp.fc1.bias", {6}},
                                                          {"blocks.0.mlp.fc2.weight", {d, 6}},
                                                          {"blocks.0.mlp.fc2.bias", {d}},
                                                          {"norm.weight", {d}},
                                                          {"norm.bias", {d}},
                                                          {"head.weight", {classes, d}},
                                                          {"head.bias", {classes}}})
        add(name, shape);
    return {network_of(checkpoint, "vit_mini", {{"num_heads", "2"}}), small_inputs(samples, 16)};
}

TEST(FarDevice, MeasuresEveryRuleWithFeedbackAsTheCpuDoes)
{
    for (const auto credit : {Credit::dfa, Credit::sdfa, Credit::drtp, Credit::fa, Credit::fa_noskip}) {
        SCOPED_TRACE(jobs::to_string(credit));
        auto problem = resmlp();
        problem.with_feedback(credit);
        expect_measured_alike(problem);
    }
}

TEST(FarDevice, MeasuresWithFreshFeedbackAndMeanSquaredErrorToo)
{
    auto problem = resmlp();
    problem.with_feedback(Credit::dfa, /*trained=*/false);
    problem.evaluation.loss = jobs::Loss::mse;
    expect_measured_alike(problem);
}

TEST(FarDevice, MeasuresWithoutACredit)
{
    auto problem = resmlp();
    problem.evaluation.credit = Credit::none;
    expect_measured_alike(problem);
}

TEST(FarDevice, MeasuresUndefinedSamplesAlike)
{
    auto problem = resmlp();
    problem.with_feedback(Credit::dfa);
    problem.inputs[1].fill_(1e200); // its states are no numbers in float32
    problem.inputs[2][0] = std::numeric_limits<double>::quiet_NaN();
    expect_measured_alike(problem);
}

TEST(FarDevice, MeasuresThroughTheGatesOfAPlainMlp)
{
    for (const char* states : {"post", "pre"}) {
        SCOPED_TRACE(states);
        auto problem = mlp(states);
        problem.with_feedback(Credit::fa);
        ASSERT_FALSE(problem.on(at::kCPU).gamma_inputs.gate.empty());
        expect_measured_alike(problem);
    }
}

TEST(FarDevice, MeasuresClassTokens)
{
    auto problem = vit();
    problem.with_feedback(Credit::dfa);
    expect_measured_alike(problem);
}

TEST(FarDevice, MeasuresRulesWithNetworksOfTheirOwn)
{
    for (const auto credit : {Credit::ep, Credit::sb, Credit::cb}) {
        SCOPED_TRACE(jobs::to_string(credit));
        auto problem = resmlp();
        problem.evaluation.credit = credit;
        problem.own_signal = [credit](const models::Network& network, at::Device device) {
            models::Checkpoint checkpoint;
            double phase = 0.2;
            const auto kind = credit == Credit::sb ? models::BridgeKind::state : models::BridgeKind::credit;
            for (const auto& [name, shape] : models::bridge_layout(kind, 6, classes, 7))
                checkpoint.tensors[name] = TwoBlockNetwork::entries(shape, 0.6, phase += 0.7);
            jobs::RunSpec spec;
            spec.credit = credit;
            return own_credit(spec, checkpoint, network, device);
        };
        expect_measured_alike(problem);
    }
}

TEST(FarDevice, MeasuresGivenTensors)
{
    GivenTensors given;
    for (const double phase : {0.1, 0.9})
        given.gradient.push_back(TwoBlockNetwork::entries({samples, 6}, 0.7, phase));
    given.error = TwoBlockNetwork::entries({samples, classes}, 0.4, 0.3);
    given.hidden = given.gradient;
    Evaluation evaluation;
    evaluation.training_feedback = {TwoBlockNetwork::entries({6, classes}, 0.5, 0.1),
                                    TwoBlockNetwork::entries({6, classes}, 0.5, 0.6)};
    const auto labels = at::tensor({2, 0, 1, 1, 0}, at::kLong);
    const auto here = measure_given(given, labels, evaluation);
    for (auto& matrix : evaluation.training_feedback)
        matrix = matrix.to(far_device());
    const auto there = measure_given(moved(given, far_device()), labels.to(far_device()), evaluation);
    expect_same(there, here);
}

} // namespace
} // namespace fa::diagnostics
