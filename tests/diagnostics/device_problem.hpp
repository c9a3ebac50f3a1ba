#pragma once
/// Γ of a run's batches as a GPU computes it, run by the host, and by the CPU's engine and slow loops.

#include "tests/diagnostics/gamma_results.hpp"
#include "tests/diagnostics/host_executor.hpp"

#include <ATen/Context.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace fa::testing {

/// Batches of one run: every one has other numbers.
struct DeviceProblem {
    Shape shape;
    std::vector<RawBatch> raw;
    std::vector<diagnostics::GammaInputs> batches;
    diagnostics::DrawSpec spec;

    DeviceProblem(const Shape& shape, std::uint64_t count) : shape(shape), spec(draw_spec(shape))
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

inline diagnostics::FreshGamma room(const DeviceProblem& problem, std::int64_t draws)
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

inline diagnostics::FreshGamma rows_of(const diagnostics::FreshGamma& all, jobs::Range draws)
{
    return {.gamma = all.gamma.narrow(0, draws.begin, draws.size()),
            .batchvec = all.batchvec.narrow(0, draws.begin, draws.size()),
            .flat = all.flat.narrow(0, draws.begin, draws.size()),
            .concat = all.concat.narrow(0, draws.begin, draws.size())};
}

/// Γ of draws 0 … R by the device's way. Memory that nobody has written to is full of NaN.
inline diagnostics::FreshGamma on_device(const DeviceProblem& problem, const Way& way = {})
{
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(true);
    const std::int64_t draws = problem.shape.draws, block = way.block > 0 ? way.block : draws;
    const diagnostics::GammaTask task{problem.spec, problem.batches, problem.shape.samples, block};
    auto plan = diagnostics::device::gamma_plan(
        problem.spec, static_cast<std::int64_t>(problem.batches.size()), problem.shape.samples, block);
    EXPECT_TRUE(plan.keep_pairs && plan.windows() == 1); // these are small
    if (way.window_batches > 0)
        plan.window_batches = way.window_batches;
    plan.keep_pairs = way.keep_pairs;
    diagnostics::device::DeviceSource source(task, plan, way.in_flight, host_backend(way.schedule));
    const diagnostics::FreshGamma all = room(problem, draws);
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
diagnostics::FreshGamma by_batches(const DeviceProblem& problem, const OfBatch& of_batch)
{
    std::vector<at::Tensor> gamma, batchvec, flat, concat;
    for (std::size_t b = 0; b < problem.batches.size(); ++b) {
        const diagnostics::FreshGamma one = of_batch(b);
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

inline diagnostics::FreshGamma by_engine(const DeviceProblem& problem)
{
    const auto draws = draw_block(problem.spec, {0, problem.shape.draws});
    return by_batches(problem, [&](std::size_t b) {
        return diagnostics::gamma_of_draws(problem.shape.propagation, problem.batches[b], draws);
    });
}

inline diagnostics::FreshGamma by_slow_loops(const DeviceProblem& problem)
{
    const auto draws = draw_block(problem.spec, {0, problem.shape.draws});
    return by_batches(
        problem, [&](std::size_t b) { return slow_gamma(problem.raw[b], draws, problem.shape.propagation); });
}

} // namespace fa::testing
