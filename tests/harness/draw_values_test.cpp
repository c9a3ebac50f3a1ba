#include "harness/draw_values.hpp"

#include "aggregation/strategy_cache.hpp"
#include "diagnostics/normal.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace fa::harness {
namespace {

store::RunAttributes small_run()
{
    store::RunAttributes run;
    run.credit = "dfa";
    run.depth = 2;
    run.width = {4, 4, 4};
    run.classes = 3;
    run.batches = 3;
    run.batch_size = 4;
    run.draws = 7;
    run.test_samples = 20;
    run.keep = "samples";
    return run;
}

void fill(const at::Tensor& values, std::uint32_t layer)
{
    random::fill_normal({.layer = layer}, 0, 0.3,
                        {values.mutable_data_ptr<float>(), static_cast<std::size_t>(values.numel())});
}

/// All draws of a run with random Γ, one sample undefined.
FreshPart random_part(const store::RunAttributes& run, const std::vector<aggregation::Strategy>& strategies)
{
    const jobs::Range all{0, run.draws};
    FreshPart part(run, all, value_keys(run, strategies));
    std::uint32_t number = 0;
    for (const char* name : {"gamma/fresh", "gamma/batchvec_fresh", "gamma/flat_fresh", "gamma/concat_fresh"})
        fill(part.rows(name, all), number++);
    part.rows("gamma/fresh", all).select(1, 5).fill_(std::numeric_limits<float>::quiet_NaN());
    return part;
}

std::vector<double> doubles(const at::Tensor& values)
{
    const auto copy = values.to(at::kDouble).contiguous();
    return {copy.const_data_ptr<double>(), copy.const_data_ptr<double>() + copy.numel()};
}

/// Restores the number of threads.
class Threads {
  public:
    explicit Threads(int count) { at::set_num_threads(count); }
    ~Threads() { at::set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

  private:
    int before_ = at::get_num_threads();
};

TEST(DrawValues, AreEachStrategysOfEachDrawForAnyNumberOfThreads)
{
    const auto run = small_run();
    const auto strategies = aggregation::default_strategies();
    for (const int threads : {1, 3}) {
        const Threads fixed(threads);
        auto part = random_part(run, strategies);
        const auto gamma = part.rows("gamma/fresh", {0, run.draws});
        DrawValues values(run, strategies);
        values.put({2, 7}, gamma.narrow(0, 2, 5), part);
        for (std::int64_t r = 2; r < 7; ++r) {
            const auto of_draw = [&](const char* name) { return doubles(part.rows(name, {r, r + 1})); };
            const auto samples = of_draw("gamma/fresh"), batchvec = of_draw("gamma/batchvec_fresh"),
                       flat = of_draw("gamma/flat_fresh"), concat = of_draw("gamma/concat_fresh");
            aggregation::GammaView view;
            view.batches = run.batches;
            view.batch_size = run.batch_size;
            view.layers = run.layers();
            view.samples = samples;
            view.batchvec = batchvec;
            view.flat = flat;
            view.concat = concat;
            for (const auto& strategy : strategies) {
                const auto kept = doubles(part.rows(value_column(strategy.text()), {r, r + 1})).front();
                EXPECT_EQ(std::bit_cast<std::uint64_t>(kept), std::bit_cast<std::uint64_t>(strategy(view)))
                    << strategy.text() << ", draw " << r << ", " << threads << " threads";
            }
            for (std::int64_t layer = 0; layer < run.layers(); ++layer) {
                double sum = 0.0;
                for (std::int64_t i = 0; i < run.samples(); ++i)
                    sum += i == 5 ? 0.0 : samples[static_cast<std::size_t>(i * run.layers() + layer)];
                const auto key = aggregation::layer_key(static_cast<std::size_t>(layer));
                EXPECT_NEAR(doubles(part.rows(value_column(key), {r, r + 1})).front(), sum / 11, 1e-12);
            }
        }
    }
}

} // namespace
} // namespace fa::harness
