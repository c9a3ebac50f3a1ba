/// What is measured on a batch is measured where its tensors are: on the tests' own device nothing is left on
/// the CPU, nothing waits, and the numbers are the CPU's.
#include "diagnostics/measure.hpp"
#include "diagnostics/own_credit.hpp"
#include "models/bridge.hpp"
#include "models/torchscript.hpp"
#include "tests/models/small_resmlp.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/far_device.hpp"
#include "tests/support/two_block_network.hpp"

#include <torch/csrc/jit/api/module.h>

#include <gmock/gmock.h>

#include <functional>
#include <sstream>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
using jobs::Credit;
using models::Tensors;

constexpr std::int64_t samples = 5, classes = 3;

at::TensorOptions far(at::ScalarType type)
{
    return at::TensorOptions(type).device(far_device());
}

/// A batch on the CPU, and what it is measured with on a device.
struct Problem {
    std::unique_ptr<models::Network> network;
    at::Tensor inputs, labels = at::tensor({2, 0, 1, 1, 0}, at::kLong);
    Evaluation evaluation;
    std::function<std::unique_ptr<const CreditSignal>(const models::Network&, at::Device)> own_signal;

    Problem(std::unique_ptr<models::Network> its, at::Tensor batch) : network(std::move(its)), inputs(batch)
    {
    }

    BatchResult on(at::Device device) const
    {
        const auto here = network->to(at::TensorOptions(at::kDouble).device(device));
        const auto here32 = network->to(at::TensorOptions(at::kFloat).device(device));
        auto with = evaluation;
        for (auto* feedback : {&with.training_feedback, &with.fresh_feedback})
            for (auto& matrix : *feedback)
                matrix = matrix.to(device);
        if (own_signal)
            with.own_signal = own_signal(*here, device);
        const auto batch = inputs.to(device), truth = labels.to(device);
        waits_of_host();
        arrivals();
        return measure_batch(*here, *here32, batch, truth, with);
    }
    void with_feedback(Credit credit, bool trained = true)
    {
        evaluation.credit = credit;
        const auto shapes =
            feedback_shapes(propagation_of(credit, network->plain_states()), network->widths(), classes);
        auto& feedback = trained ? evaluation.training_feedback : evaluation.fresh_feedback;
        for (const auto& [rows, columns] : shapes)
            feedback.push_back(
                TwoBlockNetwork::entries({rows, columns}, 0.5, 0.2 + static_cast<double>(rows)));
    }
};

void expect_near(const at::Tensor& far_one, const at::Tensor& near_one, double tolerance)
{
    ASSERT_EQ(far_one.defined(), near_one.defined());
    if (near_one.defined()) {
        EXPECT_TENSOR_NEAR(far_one.to(at::kCPU), near_one, tolerance);
    }
}

void expect_near(const std::vector<at::Tensor>& far_ones, const std::vector<at::Tensor>& near_ones,
                 double tolerance)
{
    ASSERT_EQ(far_ones.size(), near_ones.size());
    for (std::size_t l = 0; l < near_ones.size(); ++l)
        expect_near(far_ones[l], near_ones[l], tolerance);
}

/// Measurements are the CPU's, and on the CPU; the Γ engine's inputs are the CPU's, and on the device.
void expect_same(const BatchResult& there, const BatchResult& here)
{
    using M = BatchMeasurements;
    for (const auto member :
         {&M::hidden_norm, &M::gradient_norm, &M::error_norm, &M::loss, &M::gamma_train, &M::centered_train,
          &M::batchvec_train, &M::flat_train, &M::concat_train, &M::clamped_old, &M::clamped_new,
          &M::fp16_gamma, &M::fp16_lost, &M::bf16_gamma, &M::bf16_lost, &M::fp16_hidden_overflow,
          &M::norm_minus_one, &M::relaxation_residual, &M::float32_gamma}) {
        // (Copies have other strides, and with them other kernels round.)
        const double tolerance = member == &M::float32_gamma ? 1e-5 : 1e-12;
        const auto& measured = there.measured.*member;
        EXPECT_TRUE(!measured.defined() || measured.device().is_cpu());
        expect_near(measured, here.measured.*member, tolerance);
    }
    for (const auto& direction : there.measured.mean_direction)
        EXPECT_EQ(direction.device(), far_device());
    expect_near(there.measured.mean_direction, here.measured.mean_direction, 1e-13);
    const auto& inputs = there.gamma_inputs;
    std::vector<at::Tensor> all = inputs.reference;
    all.insert(all.end(), inputs.gate.begin(), inputs.gate.end());
    for (const auto& tensor : {inputs.input, inputs.gradient_norm, inputs.input_norm, inputs.gate_size})
        if (tensor.defined())
            all.push_back(tensor);
    for (const auto& tensor : all)
        EXPECT_EQ(tensor.device(), far_device());
    expect_near(inputs.reference, here.gamma_inputs.reference, 1e-6);
    expect_near(inputs.gate, here.gamma_inputs.gate, 1e-6);
    expect_near(inputs.input, here.gamma_inputs.input, 1e-6);
    expect_near(inputs.gradient_norm, here.gamma_inputs.gradient_norm, 1e-13);
    expect_near(inputs.input_norm, here.gamma_inputs.input_norm, 1e-13);
    expect_near(inputs.gate_size, here.gamma_inputs.gate_size, 1e-13);
}

void expect_measured_alike(const Problem& problem)
{
    const auto there = problem.on(far_device());
    EXPECT_EQ(waits_of_host(), 0) << "a wait for a value stalls the GPU's stream";
    EXPECT_EQ(arrivals(), 0) << "what a batch is measured with is there already";
    expect_same(there, problem.on(at::kCPU));
}

Problem resmlp()
{
    return {std::make_unique<models::ResMlp>(small_tensors()), small_inputs(samples, 5)};
}

std::unique_ptr<models::Network> network_of(models::Checkpoint checkpoint, const std::string& model,
                                            const std::map<std::string, std::string>& options)
{
    return models::make_network(checkpoint, model, options);
}

/// Three hidden layers of different widths.
Problem mlp(const char* states)
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

Problem vit()
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

/// A program with a rule of its own.
/// @param shift  an expression that its forward adds to h_0
std::unique_ptr<models::Network> program(const std::string& shift)
{
    torch::jit::Module module("network");
    module.register_parameter("first", TwoBlockNetwork::entries({6, 5}, 0.7, 0.3).to(at::kFloat), false);
    module.register_parameter("second", TwoBlockNetwork::entries({classes, 6}, 0.9, 1.3).to(at::kFloat),
                              false);
    module.register_buffer("places", at::arange(6, at::TensorOptions(at::kLong)));
    module.define(R"(
        def forward(self, x):
            h = torch.matmul(x, self.first.t()) + )" +
                  shift + R"(
            g = h + torch.tanh(h)[:, self.places]
            return torch.matmul(g, self.second.t()), [h, g]
        def local_credit(self, x, y):
            h = torch.matmul(x, self.first.t())
            return [h * (y + 1).unsqueeze(1), h * 2]
    )");
    std::ostringstream archive;
    module.save(archive);
    const auto bytes = archive.str();
    return models::load_torchscript(std::as_bytes(std::span(bytes)), {5}).network;
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

TEST(FarDevice, RunsProgramsAndTheirOwnRule)
{
    Problem problem(program("1.0"), small_inputs(samples, 5));
    problem.with_feedback(Credit::dfa);
    expect_measured_alike(problem);
    Problem own(program("1.0"), small_inputs(samples, 5));
    own.evaluation.credit = Credit::callback;
    own.own_signal = [](const models::Network&, at::Device) { return std::make_unique<CallbackCredit>(); };
    expect_measured_alike(own);
}

TEST(FarDevice, SaysWhichProgramsCantBeMoved)
{
    const auto network = program("torch.ones([6], dtype=x.dtype)"); // on the CPU, wherever x is
    try {
        network->to(far(at::kDouble));
        ADD_FAILURE() << "moved";
    } catch (const models::DeviceError& error) {
        EXPECT_THAT(error.what(), ::testing::AllOf(::testing::StartsWith("can't be moved to far:0: "),
                                                   ::testing::HasSubstr("on the same device"),
                                                   ::testing::HasSubstr("--device cpu")));
        EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("\n")));
    }
    EXPECT_NO_THROW(network->to(at::kFloat)); // it is only the device
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

TEST(FarDevice, MixedTensorsFailHere) // else these tests would show nothing
{
    const auto there = at::ones({3}, far(at::kDouble));
    EXPECT_ANY_THROW(there + at::ones({3}, at::kDouble));
    waits_of_host();
    EXPECT_EQ((there + 1).sum().item<double>(), 6.0);
    EXPECT_EQ(waits_of_host(), 1);
}

TEST(FarDevice, NormsAreTakenThereWithoutTheCpusKernel)
{
    const auto rows = TwoBlockNetwork::entries({4, 6}, 1.0, 0.3);
    const auto there = sample_vectors(rows.to(far_device()));
    expect_near(there.unit, sample_vectors(rows).unit, 1e-15);
}

TEST(FarDeviceDeathTest, ItsMemoryCantBeReadFromHere)
{
    const auto there = at::ones({3}, far(at::kDouble));
    EXPECT_DEATH(static_cast<void>(*static_cast<const volatile double*>(there.const_data_ptr())), "");
}

} // namespace
} // namespace fa::diagnostics
