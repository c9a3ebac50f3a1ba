/// The Γ engine where activations' derivatives stand between the matrices.
#include "tests/diagnostics/gamma_results.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

using namespace fa;
using diagnostics::Propagation;
using namespace fa::testing;

namespace {

/// Its samples in pairs whose errors all but cancel, and so the credit of their mean.
RawBatch nearly_cancelling(const Shape& shape)
{
    auto batch = raw_batch(shape);
    for (std::int64_t i = 0; i + 1 < shape.samples; i += 2) {
        batch.error[i + 1] = -(1 - 1e-3) * batch.error[i];
        for (auto& gate : batch.gates)
            gate[i + 1] = gate[i];
    }
    return batch;
}

/// What the engine gets, in double: gates and errors rounded to float32, which cancellation would amplify.
RawBatch as_rounded(const RawBatch& batch)
{
    const auto inputs = gamma_inputs(batch);
    RawBatch rounded = batch;
    const auto samples = batch.error.size(0);
    rounded.error = inputs.input.narrow(0, 0, samples).to(at::kDouble) * inputs.input_norm.unsqueeze(1);
    for (std::size_t l = 0; l < batch.gates.size(); ++l)
        rounded.gates[l] = (inputs.gate[l].to(at::kDouble) *
                            inputs.gate_size.select(1, static_cast<std::int64_t>(l)).unsqueeze(1))
                               .contiguous();
    return rounded;
}

} // namespace

TEST(GammaEngine, OfAGatedChainKeepsAMeanThatNearlyCancels)
{
    for (const auto rule : {Propagation::gated_chain, Propagation::gated_chain_before}) {
        const Shape shape{8, {30, 40, 20}, 6, 4, rule};
        const auto batch = nearly_cancelling(shape);
        const auto draws = draws_of(shape);
        const auto actual = gamma_of_draws(gamma_inputs(batch), draws, rule);
        EXPECT_TENSOR_NEAR(actual.batchvec, slow_gamma(as_rounded(batch), draws, rule).batchvec, tolerance);
    }
}

TEST(GammaEngine, OfAGatedChainIsUndefinedBelowGatesThatAreAllShut)
{
    const Shape shape{7, {20, 30, 25, 10}, 4, 3, Propagation::gated_chain};
    auto batch = raw_batch(shape);
    batch.gates[2][3].zero_(); // post: a_2 is still there, a_1 and a_0 are not
    const auto draws = draws_of(shape);
    const auto actual = gamma_of_draws(gamma_inputs(batch), draws, shape.propagation);
    expect_near(actual, slow_gamma(batch, draws, shape.propagation));
    EXPECT_TRUE(actual.gamma.select(1, 3).narrow(1, 0, 2).isnan().all().item<bool>());
    EXPECT_FALSE(actual.gamma.select(1, 3).narrow(1, 2, 2).isnan().any().item<bool>());

    Shape before = shape;
    before.propagation = Propagation::gated_chain_before;
    const auto shut = gamma_of_draws(gamma_inputs(batch), draws_of(before), before.propagation);
    expect_near(shut, slow_gamma(batch, draws_of(before), before.propagation));
    EXPECT_TRUE(shut.gamma.select(1, 3).narrow(1, 0, 3).isnan().all().item<bool>());
}

TEST(GammaEngine, OfAGatedChainAddsNothingOfSamplesWithoutError)
{
    for (const auto rule : {Propagation::gated_chain, Propagation::gated_chain_before}) {
        const Shape shape{7, {20, 30, 10}, 4, 3, rule};
        auto batch = raw_batch(shape);
        batch.error[2].zero_();
        const auto draws = draws_of(shape);
        expect_near(gamma_of_draws(gamma_inputs(batch), draws, rule), slow_gamma(batch, draws, rule));
    }
}

TEST(GammaEngine, OfAGatedChainRefusesABatchWithoutGates)
{
    const Shape shape{4, {10, 12}, 3, 2, Propagation::gated_chain};
    auto inputs = gamma_inputs(raw_batch(shape));
    inputs.gate.pop_back();
    EXPECT_THROW(gamma_of_draws(inputs, draws_of(shape), shape.propagation), std::invalid_argument);
}
