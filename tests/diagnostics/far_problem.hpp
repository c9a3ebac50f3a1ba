#pragma once
/// Batches measured on the tests' own device and on the CPU.

#include "diagnostics/measure.hpp"
#include "models/network.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/far_device.hpp"
#include "tests/support/two_block_network.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace fa::testing {

inline constexpr std::int64_t samples = 5, classes = 3;

inline at::TensorOptions far(at::ScalarType type)
{
    return at::TensorOptions(type).device(far_device());
}

/// A batch on the CPU, and what it is measured with on a device.
struct FarProblem {
    std::unique_ptr<models::Network> network;
    at::Tensor inputs, labels = at::tensor({2, 0, 1, 1, 0}, at::kLong);
    diagnostics::Evaluation evaluation;
    std::function<std::unique_ptr<const diagnostics::CreditSignal>(const models::Network&, at::Device)>
        own_signal;

    FarProblem(std::unique_ptr<models::Network> its, at::Tensor batch)
        : network(std::move(its)), inputs(batch)
    {
    }

    diagnostics::BatchResult on(at::Device device) const
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
        return diagnostics::measure_batch(*here, *here32, batch, truth, with);
    }
    void with_feedback(jobs::Credit credit, bool trained = true)
    {
        evaluation.credit = credit;
        const auto shapes = diagnostics::feedback_shapes(
            diagnostics::propagation_of(credit, network->plain_states()), network->widths(), classes);
        auto& feedback = trained ? evaluation.training_feedback : evaluation.fresh_feedback;
        for (const auto& [rows, columns] : shapes)
            feedback.push_back(
                TwoBlockNetwork::entries({rows, columns}, 0.5, 0.2 + static_cast<double>(rows)));
    }
};

inline void expect_near(const at::Tensor& far_one, const at::Tensor& near_one, double tolerance)
{
    ASSERT_EQ(far_one.defined(), near_one.defined());
    if (near_one.defined()) {
        EXPECT_TENSOR_NEAR(far_one.to(at::kCPU), near_one, tolerance);
    }
}

inline void expect_near(const std::vector<at::Tensor>& far_ones, const std::vector<at::Tensor>& near_ones,
                        double tolerance)
{
    ASSERT_EQ(far_ones.size(), near_ones.size());
    for (std::size_t l = 0; l < near_ones.size(); ++l)
        expect_near(far_ones[l], near_ones[l], tolerance);
}

/// Measurements are the CPU's, and on the CPU; the Γ engine's inputs are the CPU's, and on the device.
inline void expect_same(const diagnostics::BatchResult& there, const diagnostics::BatchResult& here)
{
    using M = diagnostics::BatchMeasurements;
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

inline void expect_measured_alike(const FarProblem& problem)
{
    const auto there = problem.on(far_device());
    EXPECT_EQ(waits_of_host(), 0) << "a wait for a value stalls the GPU's stream";
    EXPECT_EQ(arrivals(), 0) << "what a batch is measured with is there already";
    expect_same(there, problem.on(at::kCPU));
}

} // namespace fa::testing
