#include "harness/fresh_meter.hpp"

#include "diagnostics/gamma_summary.hpp"

#include <span>

namespace fa::harness {
namespace {

/// Where the engine writes one batch of a block.
diagnostics::FreshGamma batch_of(const FreshPart& part, jobs::Range block, const at::Tensor& gamma,
                                 std::int64_t batch, std::int64_t size)
{
    return {.gamma = gamma.narrow(1, batch * size, size),
            .batchvec = part.rows("gamma/batchvec_fresh", block).select(1, batch),
            .flat = part.rows("gamma/flat_fresh", block).select(1, batch),
            .concat = part.rows("gamma/concat_fresh", block).narrow(1, batch * size, size)};
}

/// What is kept of a batch whose samples aren't.
void summarise(const FreshPart& part, jobs::Range block, std::int64_t batch, const at::Tensor& gamma)
{
    const auto summary = diagnostics::summarise(gamma);
    const auto put = [&](const char* dataset, const at::Tensor& values) {
        part.rows(dataset, block).select(1, batch).copy_(values);
    };
    put("gamma/fresh_mean", summary.mean);
    put("gamma/fresh_median", summary.median);
    put("gamma/fresh_iqm", summary.iqm);
    put("gamma/fresh_angle", summary.angle);
    put("gamma/fresh_count", summary.count);
}

std::span<const float> values(const at::Tensor& contiguous)
{
    return {contiguous.const_data_ptr<float>(), static_cast<std::size_t>(contiguous.numel())};
}

} // namespace

FreshMeter::FreshMeter(const PreparedRun& run, const std::vector<diagnostics::GammaInputs>& batches,
                       const std::vector<aggregation::Strategy>& strategies, diagnostics::KeptDraws& draws)
    : run_(run.attributes), batches_(batches), strategies_(strategies), draws_(draws),
      engine_(run.draws.propagation, run.draws.shapes, run.attributes.batch_size,
              jobs::draws_per_block(run.attributes.draws)),
      evaluation_(strategies)
{
    if (run_.keep != "samples")
        passing_ = at::empty({jobs::draws_per_block(run_.draws), run_.samples(), run_.layers()}, at::kFloat);
}

at::Tensor FreshMeter::gamma_of(jobs::Range block, const FreshPart& part) const
{
    return passing_.defined() ? passing_.narrow(0, 0, block.size()) : part.rows("gamma/fresh", block);
}

void FreshMeter::measure(jobs::Range block, FreshPart& part)
{
    const auto& matrices = draws_.block(block);
    const auto gamma = gamma_of(block, part);
    for (std::size_t b = 0; b < batches_.size(); ++b) {
        const auto number = static_cast<std::int64_t>(b);
        const auto batch = batch_of(part, block, gamma, number, run_.batch_size);
        engine_(batches_[b], matrices, batch);
        if (passing_.defined())
            summarise(part, block, number, batch.gamma);
    }
    count_layers(gamma, part.counts());
    evaluate(block, gamma, part);
}

void FreshMeter::evaluate(jobs::Range block, FreshPart& part)
{
    evaluate(block, part.rows("gamma/fresh", block), part);
}

void FreshMeter::evaluate(jobs::Range block, const at::Tensor& gamma, FreshPart& part)
{
    const auto batchvec = part.rows("gamma/batchvec_fresh", block);
    const auto flat = part.rows("gamma/flat_fresh", block);
    const auto concat = part.rows("gamma/concat_fresh", block);
    std::vector<double*> places; // each key's values, in the order of `evaluation_`'s
    for (const auto& key : value_keys(run_, strategies_))
        places.push_back(part.rows(value_column(key), block).data_ptr<double>());
    for (std::int64_t r = 0; r < block.size(); ++r) {
        aggregation::FreshGammaView view;
        view.batches = run_.batches;
        view.batch_size = run_.batch_size;
        view.layers = run_.layers();
        view.samples = values(gamma[r]);
        view.batchvec = values(batchvec[r]);
        view.flat = values(flat[r]);
        view.concat = values(concat[r]);
        const auto evaluated = evaluation_(view);
        auto place = places.begin();
        for (const auto& of_each : {evaluated.strategies, evaluated.layer_means})
            for (const double value : of_each)
                (*place++)[r] = value;
    }
}

} // namespace fa::harness
