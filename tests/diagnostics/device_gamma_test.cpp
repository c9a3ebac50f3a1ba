/// Γ as a GPU computes it, its orchestration and kernels run by the host, against the CPU's engine and slow
/// loops.
#include "tests/diagnostics/gamma_results.hpp"
#include "tests/diagnostics/host_executor.hpp"

#include <gmock/gmock.h>

#include <ATen/Context.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <deque>
#include <memory>
#include <stdexcept>

using namespace fa;
using diagnostics::FreshGamma;
using diagnostics::GammaInputs;
using diagnostics::Propagation;
using namespace fa::testing;
namespace device = diagnostics::device;

namespace {

/// Batches of one run: every one has other numbers.
struct Problem {
    Shape shape;
    std::vector<RawBatch> raw;
    std::vector<GammaInputs> batches;
    diagnostics::DrawSpec spec;

    Problem(const Shape& shape, std::uint64_t count) : shape(shape), spec(draw_spec(shape))
    {
        for (std::uint64_t b = 0; b < count; ++b)
            raw.push_back(raw_batch(shape, 100 + b));
        take_raw();
    }
    void take_raw()
    {
        batches.clear();
        for (const auto& batch : raw)
            batches.push_back(gamma_inputs(batch));
    }
};

FreshGamma room(const Problem& problem, std::int64_t draws)
{
    const auto batches = static_cast<std::int64_t>(problem.batches.size()),
               layers = static_cast<std::int64_t>(problem.spec.shapes.size());
    return {.gamma = at::full({draws, problem.shape.samples * batches, layers}, -7.0, at::kFloat),
            .batchvec = at::full({draws, batches, layers}, -7.0, at::kFloat),
            .flat = at::full({draws, batches, layers}, -7.0, at::kFloat),
            .concat = at::full({draws, problem.shape.samples * batches}, -7.0, at::kFloat)};
}

/// How a test lets the device compute.
struct Way {
    std::int64_t block = 0;          ///< draws; 0: all at once
    std::int64_t window_batches = 0; ///< 0: as many as fit
    bool keep_pairs = true;          ///< of classes, from block to block
    int in_flight = 2;
    Schedule schedule = Schedule::at_once;
};

FreshGamma rows_of(const FreshGamma& all, jobs::Range draws)
{
    return {.gamma = all.gamma.narrow(0, draws.begin, draws.size()),
            .batchvec = all.batchvec.narrow(0, draws.begin, draws.size()),
            .flat = all.flat.narrow(0, draws.begin, draws.size()),
            .concat = all.concat.narrow(0, draws.begin, draws.size())};
}

/// Γ of draws 0 … R by the device's way. Memory that nobody has written to is full of NaN.
FreshGamma on_device(const Problem& problem, const Way& way = {})
{
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(true);
    const std::int64_t draws = problem.shape.draws, block = way.block > 0 ? way.block : draws;
    const diagnostics::GammaTask task{problem.spec, problem.batches, problem.shape.samples, block};
    auto plan = device::gamma_plan(problem.spec, static_cast<std::int64_t>(problem.batches.size()),
                                   problem.shape.samples, block);
    EXPECT_TRUE(plan.keep_pairs && plan.windows() == 1); // these are small
    if (way.window_batches > 0)
        plan.window_batches = way.window_batches;
    plan.keep_pairs = way.keep_pairs;
    device::DeviceSource source(task, plan, way.in_flight, host_backend(way.schedule));
    const FreshGamma all = room(problem, draws);
    std::deque<jobs::Range> under_way;
    const auto finish = [&] {
        source.finish(rows_of(all, under_way.front()));
        under_way.pop_front();
    };
    for (std::int64_t first = 0; first < draws; first += block) {
        if (static_cast<int>(under_way.size()) == way.in_flight)
            finish();
        under_way.push_back({first, std::min(first + block, draws)});
        source.begin(under_way.back());
    }
    while (!under_way.empty())
        finish();
    at::globalContext().setDeterministicAlgorithms(false, false);
    return all;
}

/// The same by one function for each batch.
template <typename OfBatch>
FreshGamma by_batches(const Problem& problem, const OfBatch& of_batch)
{
    std::vector<at::Tensor> gamma, batchvec, flat, concat;
    for (std::size_t b = 0; b < problem.batches.size(); ++b) {
        const FreshGamma one = of_batch(b);
        gamma.push_back(one.gamma);
        batchvec.push_back(one.batchvec.unsqueeze(1));
        flat.push_back(one.flat.unsqueeze(1));
        concat.push_back(one.concat);
    }
    return {.gamma = at::cat(gamma, 1),
            .batchvec = at::cat(batchvec, 1),
            .flat = at::cat(flat, 1),
            .concat = at::cat(concat, 1)};
}

FreshGamma by_engine(const Problem& problem)
{
    const auto draws = draw_block(problem.spec, {0, problem.shape.draws});
    return by_batches(problem, [&](std::size_t b) {
        return diagnostics::gamma_of_draws(problem.shape.propagation, problem.batches[b], draws);
    });
}

FreshGamma by_slow_loops(const Problem& problem)
{
    const auto draws = draw_block(problem.spec, {0, problem.shape.draws});
    return by_batches(
        problem, [&](std::size_t b) { return slow_gamma(problem.raw[b], draws, problem.shape.propagation); });
}

class EveryDeviceShape : public ::testing::TestWithParam<Shape> {};

} // namespace

TEST_P(EveryDeviceShape, AgreesWithTheCpusEngineAndWithSlowLoops)
{
    const Problem problem(GetParam(), 3);
    const auto actual = on_device(problem);
    expect_near(actual, by_engine(problem));
    expect_near(actual, by_slow_loops(problem));
}

TEST_P(EveryDeviceShape, GivesTheSameInUnevenWindowsAndBlocksHoweverLateWorkIsDone)
{
    const Problem problem(GetParam(), 3);
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

class EveryDeviceRule : public ::testing::TestWithParam<Propagation> {};

TEST_P(EveryDeviceRule, TreatsZeroAndNonFiniteVectorsAsTheCpu)
{
    Problem problem({5, {20, 20, 20}, 4, 3, GetParam()}, 4);
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
    Problem problem({8, {30, 30, 30}, 5, 3, GetParam()}, 2);
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
        Problem problem({6, {12, 12, 12}, 5, 5, GetParam()}, 2);
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
            Problem problem({6, {width, width, width}, 5, 4, GetParam()}, 2);
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

TEST(DeviceGamma, AgreesWhereColumnsNearlyCancel)
{
    // The stored columns are nearly equal and e sums to zero: float32 products lose what is left. Shuffled
    // within rows of equal entries such matrices would not stay so: instead the classes see almost one column
    // each, C = 2.
    for (const std::int64_t width : {40, 1}) { // both forms
        Problem problem({16, {width, width}, 2, 6}, 2);
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
    Problem problem({8, {320}, 300, 2}, 1);
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
        Problem problem({8, {30, 40, 20}, 6, 4, rule}, 2);
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
    Problem problem({4, std::vector<std::int64_t>(41, 12), 5, 2, Propagation::chain}, 2);
    for (double& scale : problem.spec.scale)
        scale *= 0x1p30;
    const auto actual = on_device(problem);
    expect_near(actual, by_slow_loops(problem)); // in double: no 1e-7 a layer
    EXPECT_FALSE(actual.concat.eq(0).any().item<bool>());
}

TEST(DeviceGamma, WritesIntoViewsOfLargerTables)
{
    const Problem problem({7, {20, 20}, 4, 3}, 2);
    const auto expected = on_device(problem);
    const diagnostics::GammaTask task{problem.spec, problem.batches, 7, 3};
    device::DeviceSource source(task, device::gamma_plan(problem.spec, 2, 7, 3), 1, host_backend());
    const at::Tensor gamma = at::full({3, 20, 2}, -7.0, at::kFloat),
                     flat = at::full({3, 2, 5}, -7.0, at::kFloat);
    const auto other = room(problem, 3);
    source.begin({0, 3});
    source.finish({.gamma = gamma.narrow(1, 3, 14),
                   .batchvec = other.batchvec,
                   .flat = flat.narrow(2, 1, 2),
                   .concat = other.concat});
    EXPECT_TRUE(at::equal(gamma.narrow(1, 3, 14), expected.gamma));
    EXPECT_TRUE(at::equal(flat.narrow(2, 1, 2), expected.flat));
    EXPECT_TRUE(gamma.narrow(1, 0, 3).eq(-7.0).all().item<bool>());
    EXPECT_TRUE(flat.narrow(2, 3, 2).eq(-7.0).all().item<bool>());
}

TEST(DeviceGamma, RefusesWhatDoesNotFit)
{
    const Problem problem({4, {10, 12}, 3, 2}, 2);
    const auto plan = device::gamma_plan(problem.spec, 2, 4, 2);
    const auto source_of = [&](const std::vector<GammaInputs>& batches) {
        const diagnostics::GammaTask task{problem.spec, batches, 4, 2};
        return device::DeviceSource(task, plan, 2, host_backend());
    };
    auto batches = problem.batches;
    batches[1].reference.pop_back();
    EXPECT_THROW(source_of(batches), std::invalid_argument);
    batches = problem.batches;
    batches[1].reference[1] = at::zeros({5, 10}, at::kFloat);
    EXPECT_THROW(source_of(batches), std::invalid_argument);
    batches = problem.batches;
    batches[0].input = at::zeros({5, 2}, at::kFloat);
    EXPECT_THROW(source_of(batches), std::invalid_argument);
    batches = problem.batches;
    batches[0].input_norm = at::zeros({5}, at::kDouble);
    EXPECT_THROW(source_of(batches), std::invalid_argument);

    auto source = source_of(problem.batches);
    EXPECT_THROW(source.begin({0, 3}), std::invalid_argument);
    EXPECT_THROW(source.finish(room(problem, 2)), std::logic_error);
    source.begin({0, 2});
    EXPECT_THROW(source.finish(room(problem, 1)), std::invalid_argument);
    source.begin({2, 4});
    EXPECT_THROW(source.begin({4, 6}), std::logic_error);
}

TEST(DeviceGamma, OfAGatedChainRefusesABatchWithoutGates)
{
    Problem problem({4, {10, 12}, 3, 2, Propagation::gated_chain}, 1);
    problem.batches[0].gate.pop_back();
    EXPECT_THROW(on_device(problem), std::invalid_argument);
}

TEST(GammaPlan, CutsWindowsByShapesAlone)
{
    // 13 layers of C 100: P is 5 200 floats a row and layer's 32 draws; half a gigabyte holds some 24 batches
    // of it.
    const Shape shape{128, std::vector<std::int64_t>(13, 768), 100, 32};
    const auto plan = device::gamma_plan(draw_spec(shape), 64, 128, 32);
    EXPECT_EQ(plan.gram_layers(), 13);
    EXPECT_EQ(plan.window_batches, (std::int64_t{512} << 20) / (129 * 4 * 32 * (13 * (100 + 5) + 2 * 13)));
    std::int64_t rows = 0, batches = 0;
    for (std::int64_t w = 0; w < plan.windows(); ++w) {
        EXPECT_EQ(plan.first_row(w), rows);
        EXPECT_GE(plan.rows(w), plan.batches_in(w) * 129);
        EXPECT_LT(plan.rows(w), plan.batches_in(w) * 129 + 32);
        EXPECT_EQ(plan.rows(w) % 32, 0);
        rows += plan.rows(w);
        batches += plan.batches_in(w);
    }
    EXPECT_EQ(batches, 64);
    EXPECT_EQ(plan.all_rows(), rows);
    EXPECT_TRUE(plan.keep_pairs);
}

/// Sums what LibTorch has allocated for tensors on this thread and not given back.
class LiveBytes : public c10::MemoryReportingInfoBase {
  public:
    std::int64_t bytes = 0;
    void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device) override
    {
        bytes += size;
    }
    bool memoryProfilingEnabled() const override { return true; }
};

TEST(DeviceGamma, TakesTheMemoryItSays)
{
    for (const auto rule : {Propagation::direct, Propagation::residual_chain, Propagation::gated_chain}) {
        const Problem problem({7, {20, 20, 20}, 4, 3, rule}, 3);
        const diagnostics::GammaTask task{problem.spec, problem.batches, 7, 3};
        const auto plan = device::gamma_plan(problem.spec, 3, 7, 3);
        const auto live = std::make_shared<LiveBytes>();
        const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, live);
        for (const int in_flight : {1, 2}) {
            const std::int64_t before = live->bytes;
            const device::DeviceSource source(task, plan, in_flight, host_backend());
            const std::int64_t pinned = in_flight * 4 * plan.result_floats(3); // where results arrive
            EXPECT_EQ(live->bytes - before - pinned, static_cast<std::int64_t>(device::DeviceSource::bytes(
                                                         plan, in_flight, host_backend())));
        }
    }
}
