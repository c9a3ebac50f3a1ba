/// Γ as a GPU computes it, its orchestration and kernels run by the host, against the CPU's engine and slow
/// loops: all shapes, rules and distributions.
#include "tests/diagnostics/device_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace fa;
using diagnostics::Propagation;
using namespace fa::testing;

namespace {

class EveryDeviceShape : public ::testing::TestWithParam<Shape> {};
class EveryDeviceRule : public ::testing::TestWithParam<Propagation> {};

} // namespace

TEST_P(EveryDeviceShape, AgreesWithTheCpusEngineAndWithSlowLoops)
{
    const DeviceProblem problem(GetParam(), 3);
    const auto actual = on_device(problem);
    expect_near(actual, by_engine(problem));
    expect_near(actual, by_slow_loops(problem));
}

TEST_P(EveryDeviceShape, GivesTheSameInUnevenWindowsAndBlocksHoweverLateWorkIsDone)
{
    const DeviceProblem problem(GetParam(), 3);
    const auto expected = on_device(problem);
    Way way{.block = std::max<std::int64_t>(1, problem.shape.draws - 1)}; // the last is shorter
    for (const std::int64_t window : {1, 2}) {
        way.window_batches = window; // of 3 batches
        way.schedule = Schedule::at_once;
        const auto actual = on_device(problem, way);
        expect_near(actual, expected);
        way.schedule = Schedule::as_late_as_possible;
        for (const bool keep_pairs : {true, false})
            for (const int in_flight : {1, 2, 3}) {
                way.keep_pairs = keep_pairs;
                way.in_flight = in_flight;
                EXPECT_TRUE(same_bits(on_device(problem, way), actual));
            }
    }
}

INSTANTIATE_TEST_SUITE_P(Direct, EveryDeviceShape,
                         ::testing::Values(Shape{16, {64, 64, 64}, 10, 7},
                                           Shape{8, {64, 80}, 40, 3}, // Gram matrices by library calls
                                           Shape{8, {36, 36}, 36, 3}, // the last C with Gram matrices …
                                           Shape{8, {36, 36}, 37, 3}, // … and the first without
                                           Shape{5, {3, 4}, 9, 4},    // d < C
                                           Shape{
                                               9, {40, 56, 7, 33}, 10, 5}, // widths of their own, both forms
                                           Shape{9, {7, 40, 40, 7, 40}, 10, 3}, Shape{6, {12, 12}, 2, 40},
                                           Shape{4, {16, 16}, 1, 3}, Shape{1, {1}, 1, 1},
                                           Shape{1, {1, 1}, 2, 2}, Shape{1, {300}, 3, 1}));

INSTANTIATE_TEST_SUITE_P(
    Chains, EveryDeviceShape,
    ::testing::Values(Shape{16, {64, 64, 64}, 10, 7, Propagation::residual_chain},
                      Shape{16, {64, 64, 64}, 10, 7, Propagation::chain},
                      Shape{6, std::vector<std::int64_t>(13, 24), 10, 3, Propagation::residual_chain},
                      Shape{9, {40, 56, 7, 33}, 10, 5, Propagation::chain},
                      Shape{7, {2, 2, 2}, 3, 40, Propagation::chain}, // cancellation is common here
                      Shape{7, {1, 1, 1}, 2, 40, Propagation::residual_chain},
                      Shape{5, {20}, 4, 3, Propagation::chain},
                      Shape{16, {64, 64, 64}, 10, 7, Propagation::gated_chain},
                      Shape{16, {64, 64, 64}, 10, 7, Propagation::gated_chain_before},
                      Shape{9, {40, 56, 7, 33}, 10, 5, Propagation::gated_chain},
                      Shape{9, {40, 56, 7, 33}, 10, 5, Propagation::gated_chain_before},
                      Shape{6, std::vector<std::int64_t>(13, 24), 10, 3, Propagation::gated_chain},
                      Shape{6, std::vector<std::int64_t>(13, 24), 10, 3, Propagation::gated_chain_before},
                      Shape{1, {5, 4}, 3, 3, Propagation::gated_chain},
                      Shape{5, {20}, 4, 3, Propagation::gated_chain_before}));

TEST_P(EveryDeviceRule, TreatsZeroAndNonFiniteVectorsAsTheCpu)
{
    DeviceProblem problem({5, {20, 20, 20}, 4, 3, GetParam()}, 4);
    problem.raw[0].gradient[1][2].zero_();
    problem.raw[1].error[1].zero_();
    problem.raw[2].gradient[2][0][7] = undefined;
    problem.raw[2].gradient[0][4][0] = -std::numeric_limits<double>::infinity();
    problem.raw[3].error[4][0] = undefined;
    if (!problem.raw[0].gates.empty()) {
        problem.raw[0].gates[2][3].zero_();
        problem.raw[1].gates[1].zero_();
    }
    problem.take_raw();
    problem.batches[1].input[3].zero_(); // a zero row, where usually stands NaN
    problem.batches[1].input_norm[3] = 0.0;
    const auto actual = on_device(problem, {.window_batches = 1});
    expect_near(actual, by_engine(problem));
    expect_near(on_device(problem), actual);
    for (const auto& values : {actual.gamma, actual.batchvec, actual.flat, actual.concat}) {
        EXPECT_TRUE(values.isnan().any().item<bool>());
        const at::Tensor bits = values.view(at::kInt);
        EXPECT_TRUE((values.isnan() == bits.eq(0x7fc00000)).all().item<bool>());
    }
}

TEST_P(EveryDeviceRule, AgreesForGradientsErrorsAndFeedbackOfAnySize)
{
    DeviceProblem problem({8, {30, 30, 30}, 5, 3, GetParam()}, 2);
    const at::Tensor size =
        at::pow(10.0, at::linspace(-300, 20, 8, at::TensorOptions(at::kDouble))).unsqueeze(1);
    for (auto& batch : problem.raw) {
        batch.gradient[0] = batch.gradient[0] * size;
        batch.gradient[1] = batch.gradient[1] * size.flip(0);
        batch.error = batch.error *
                      at::pow(10.0, at::linspace(-200, 0, 8, at::TensorOptions(at::kDouble))).unsqueeze(1);
    }
    problem.spec.scale = {1e10, 1e-10, 1e9};
    problem.take_raw();
    expect_near(on_device(problem), by_engine(problem));
}

TEST_P(EveryDeviceRule, MakesEveryDistributionsDraws)
{
    using jobs::Distribution;
    for (const auto distribution :
         {Distribution::uniform, Distribution::rademacher, Distribution::orthogonal, Distribution::permute}) {
        DeviceProblem problem({6, {12, 12, 12}, 5, 5, GetParam()}, 2);
        problem.spec.distribution = distribution;
        if (distribution == Distribution::permute) {
            for (const auto& shape : problem.spec.shapes)
                problem.spec.permuted.push_back(at::randn(shape, at::kDouble));
            problem.spec.scale.clear();
        }
        const auto actual = on_device(problem, {.block = 2, .schedule = Schedule::as_late_as_possible});
        expect_near(actual, by_engine(problem));
    }
}

TEST_P(EveryDeviceRule, HonoursSharedFeedback)
{
    using jobs::Distribution;
    for (const auto distribution : {Distribution::normal, Distribution::orthogonal})
        for (const std::int64_t width : {5, 4}) { // chains need d = C; d < C: no Gram matrices
            DeviceProblem problem({6, {width, width, width}, 5, 4, GetParam()}, 2);
            if (diagnostics::is_chain(GetParam()) && width != 5)
                continue;
            problem.spec.distribution = distribution;
            problem.spec.shared = true;
            problem.spec.scale = {0.3, 0.3, 0.3};
            expect_near(on_device(problem, {.block = 3}), by_engine(problem));
        }
}

INSTANTIATE_TEST_SUITE_P(All, EveryDeviceRule,
                         ::testing::Values(Propagation::direct, Propagation::chain,
                                           Propagation::residual_chain, Propagation::gated_chain,
                                           Propagation::gated_chain_before));
