/// Γ as a GPU computes it, run by the host, where float32 is short of digits.
#include "tests/diagnostics/device_problem.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

using namespace fa;
using diagnostics::Propagation;
using namespace fa::testing;

TEST(DeviceGamma, AgreesWhereColumnsNearlyCancel)
{
    // The stored columns are nearly equal and e sums to zero: float32 products lose what is left. Shuffled
    // within rows of equal entries such matrices would not stay so: instead the classes see almost one column
    // each, C = 2.
    for (const std::int64_t width : {40, 1}) { // both forms
        DeviceProblem problem({16, {width, width}, 2, 6}, 2);
        problem.spec.distribution = jobs::Distribution::permute;
        problem.spec.scale.clear();
        for (int l = 0; l < 2; ++l)
            problem.spec.permuted.push_back(1.0 + 3e-3 * at::randn({width, 2}, at::kDouble));
        // Against the float32 unit vectors themselves: their rounding, too, is amplified here.
        for (std::size_t b = 0; b < problem.raw.size(); ++b) {
            problem.raw[b].error = problem.batches[b].input.narrow(0, 0, 16).to(at::kDouble);
            for (std::size_t l = 0; l < 2; ++l)
                problem.raw[b].gradient[l] = problem.batches[b].reference[l].narrow(0, 0, 16).to(at::kDouble);
        }
        const auto actual = on_device(problem);
        EXPECT_TENSOR_NEAR(actual.gamma, by_slow_loops(problem).gamma, tolerance);
        expect_near(actual, by_engine(problem));
    }
}

TEST(DeviceGamma, KeepsItsDigitsWhereGammaIsOneAndClassesAreMany)
{
    // 45 150 pairs of classes: summed one after the other in float32 their squares would lose what the
    // tolerance allows.
    DeviceProblem problem({8, {320}, 300, 2}, 1);
    const auto draws = draw_block(problem.spec, {0, 1});
    for (std::int64_t i = 0; i < 8; ++i) {
        const auto credit = slow_credit(Propagation::direct, draws, 0, problem.raw[0], i)[0];
        for (std::int64_t k = 0; k < 320; ++k)
            problem.raw[0].gradient[0][i][k] = static_cast<double>(credit[static_cast<std::size_t>(k)]);
    }
    problem.take_raw();
    const auto actual = on_device(problem);
    EXPECT_TENSOR_NEAR(actual.gamma[0], at::ones({8, 1}), 5e-7);
    expect_near(actual, by_slow_loops(problem));
}

TEST(DeviceGamma, OfAGatedChainKeepsAMeanThatNearlyCancels)
{
    for (const auto rule : {Propagation::gated_chain, Propagation::gated_chain_before}) {
        DeviceProblem problem({8, {30, 40, 20}, 6, 4, rule}, 2);
        for (auto& batch : problem.raw)
            for (std::int64_t i = 0; i + 1 < 8; i += 2) {
                batch.error[i + 1] = -(1 - 1e-3) * batch.error[i];
                for (auto& gate : batch.gates)
                    gate[i + 1] = gate[i];
            }
        problem.take_raw();
        EXPECT_TENSOR_NEAR(on_device(problem).batchvec, by_engine(problem).batchvec, tolerance);
    }
}

TEST(DeviceGamma, OfAChainDoesNotFeelTheScaleOfItsMatrices)
{
    DeviceProblem problem({4, std::vector<std::int64_t>(41, 12), 5, 2, Propagation::chain}, 2);
    for (double& scale : problem.spec.scale)
        scale *= 0x1p30;
    const auto actual = on_device(problem);
    expect_near(actual, by_slow_loops(problem)); // in double: no 1e-7 a layer
    EXPECT_FALSE(actual.concat.eq(0).any().item<bool>());
}
