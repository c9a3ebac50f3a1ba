#include "harness/draw_values.hpp"

#include <ATen/Parallel.h>

#include <span>

namespace fa::harness {
namespace {

/// Of each draw as many floats, one draw after another.
class DrawRows {
  public:
    explicit DrawRows(const at::Tensor& contiguous)
        : first_(contiguous.const_data_ptr<float>()), each_(static_cast<std::size_t>(contiguous.stride(0)))
    {
    }
    std::span<const float> of(std::int64_t draw) const { return {first_ + draw * each_, each_}; }

  private:
    const float* first_;
    std::size_t each_;
};

} // namespace

DrawValues::DrawValues(const store::RunAttributes& run, const std::vector<aggregation::Strategy>& strategies)
    : run_(run), strategies_(strategies)
{
    const auto threads = static_cast<std::size_t>(at::get_num_threads());
    evaluations_.reserve(threads);
    while (evaluations_.size() < threads)
        evaluations_.emplace_back(strategies);
}

void DrawValues::put(jobs::Range block, const at::Tensor& gamma, FreshPart& part)
{
    const DrawRows samples(gamma), batchvec(part.rows("gamma/batchvec_fresh", block)),
        flat(part.rows("gamma/flat_fresh", block)), concat(part.rows("gamma/concat_fresh", block));
    std::vector<double*> places; // each key's values, in the order of an evaluation's
    for (const auto& key : value_keys(run_, strategies_))
        places.push_back(part.rows(value_column(key), block).data_ptr<double>());
    const auto put_draw = [&](std::int64_t r, aggregation::StrategyEvaluation& evaluation) {
        aggregation::FreshGammaView view;
        view.batches = run_.batches;
        view.batch_size = run_.batch_size;
        view.layers = run_.layers();
        view.samples = samples.of(r);
        view.batchvec = batchvec.of(r);
        view.flat = flat.of(r);
        view.concat = concat.of(r);
        const auto evaluated = evaluation(view);
        auto place = places.begin();
        for (const auto& of_each : {evaluated.strategies, evaluated.layer_means})
            for (const double value : of_each)
                (*place++)[r] = value;
    };
    at::parallel_for(0, block.size(), 1, [&](std::int64_t begin, std::int64_t end) {
        auto& evaluation = evaluations_[static_cast<std::size_t>(at::get_thread_num())];
        for (auto r = begin; r < end; ++r)
            put_draw(r, evaluation);
    });
}

} // namespace fa::harness
