/// Where a GPU's Γ goes, what it refuses, its windows and its memory; run by the host.
#include "tests/diagnostics/device_problem.hpp"

#include <gtest/gtest.h>

#include <c10/util/ThreadLocalDebugInfo.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace fa;
using diagnostics::GammaInputs;
using diagnostics::Propagation;
using namespace fa::testing;
namespace device = diagnostics::device;

namespace {

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

} // namespace

TEST(DeviceGamma, WritesIntoViewsOfLargerTables)
{
    const DeviceProblem problem({7, {20, 20}, 4, 3}, 2);
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
    const DeviceProblem problem({4, {10, 12}, 3, 2}, 2);
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
    DeviceProblem problem({4, {10, 12}, 3, 2, Propagation::gated_chain}, 1);
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

TEST(DeviceGamma, TakesTheMemoryItSays)
{
    for (const auto rule : {Propagation::direct, Propagation::residual_chain, Propagation::gated_chain}) {
        const DeviceProblem problem({7, {20, 20, 20}, 4, 3, rule}, 3);
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
