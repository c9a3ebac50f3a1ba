#include "harness/fresh_stage.hpp"

#include "aggregation/strategy_evaluation.hpp"
#include "diagnostics/gamma_engine.hpp"
#include "diagnostics/gamma_summary.hpp"
#include "diagnostics/histogram.hpp"
#include "harness/comm/agreement.hpp"
#include "jobs/plan.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <bit>

namespace fa::harness {
namespace {

using aggregation::Strategy;
using aggregation::StrategyValues;
using diagnostics::GammaInputs;

/// This rank's part of the run's Γ_fresh datasets: rows are its draws.
class FreshSlab {
  public:
    FreshSlab(const store::RunAttributes& run, jobs::Range draws) : run_(run), draws_(draws)
    {
        const auto rows = draws.size();
        const auto float32 = at::TensorOptions(at::kFloat);
        batchvec_ = at::empty({rows, run.batches, run.layers()}, float32);
        flat_ = at::empty_like(batchvec_);
        concat_ = at::empty({rows, run.samples()}, float32);
        const bool keeps_samples = run.keep == "samples";
        gamma_ = at::empty({keeps_samples ? rows : std::min(rows, jobs::draws_per_block(run.draws)),
                            run.samples(), run.layers()},
                           float32);
        if (!keeps_samples)
            for (auto& summary : summaries_)
                summary = at::empty_like(batchvec_);
    }

    /// Where a block's Γ goes, [R_b, S, L+1]: to its place, or where the block before was if samples aren't
    /// kept.
    at::Tensor gamma_of(jobs::Range block) const
    {
        return keeps_samples() ? rows(gamma_, block) : gamma_.narrow(0, 0, block.size());
    }
    at::Tensor batchvec_of(jobs::Range block) const { return rows(batchvec_, block); }
    at::Tensor flat_of(jobs::Range block) const { return rows(flat_, block); }
    at::Tensor concat_of(jobs::Range block) const { return rows(concat_, block); }

    /// Where the engine writes one batch of a block.
    diagnostics::FreshGamma batch_of(jobs::Range block, std::int64_t batch) const
    {
        const auto size = run_.batch_size;
        return {.gamma = gamma_of(block).narrow(1, batch * size, size),
                .batchvec = batchvec_of(block).select(1, batch),
                .flat = flat_of(block).select(1, batch),
                .concat = concat_of(block).narrow(1, batch * size, size)};
    }

    /// What is kept of a batch whose samples aren't.
    void summarise(jobs::Range block, std::int64_t batch, const at::Tensor& gamma) const
    {
        if (keeps_samples())
            return;
        const auto summary = diagnostics::summarise(gamma);
        const at::Tensor parts[] = {summary.mean, summary.median, summary.iqm, summary.angle, summary.count};
        for (std::size_t i = 0; i < std::size(parts); ++i)
            rows(summaries_[i], block).select(1, batch).copy_(parts[i]);
    }

    void put(Rows& out) const
    {
        out.put("gamma/batchvec_fresh", batchvec_, draws_.begin);
        out.put("gamma/flat_fresh", flat_, draws_.begin);
        out.put("gamma/concat_fresh", concat_, draws_.begin);
        if (keeps_samples()) {
            out.put("gamma/fresh", gamma_, draws_.begin);
            return;
        }
        constexpr const char* names[] = {"gamma/fresh_mean", "gamma/fresh_median", "gamma/fresh_iqm",
                                         "gamma/fresh_angle", "gamma/fresh_count"};
        for (std::size_t i = 0; i < std::size(names); ++i)
            out.put(names[i], summaries_[i], draws_.begin);
    }

  private:
    bool keeps_samples() const { return !summaries_[0].defined(); }
    at::Tensor rows(const at::Tensor& tensor, jobs::Range block) const
    {
        return tensor.narrow(0, block.begin - draws_.begin, block.size());
    }

    const store::RunAttributes& run_;
    jobs::Range draws_;
    at::Tensor gamma_, batchvec_, flat_, concat_;
    at::Tensor summaries_[5];
};

std::span<const float> values(const at::Tensor& contiguous)
{
    return {contiguous.const_data_ptr<float>(), static_cast<std::size_t>(contiguous.numel())};
}

/// Zeros for every value that the ranks fill in.
StrategyValues empty_values(const store::RunAttributes& run, const std::vector<Strategy>& strategies)
{
    const std::vector<double> zeros(static_cast<std::size_t>(run.draws));
    StrategyValues values;
    for (const auto& strategy : strategies)
        values[strategy.text()] = zeros;
    for (std::int64_t l = 0; l < run.layers(); ++l)
        values[aggregation::layer_key(static_cast<std::size_t>(l))] = zeros;
    return values;
}

/// Every strategy's value, and every layer's mean, for each draw of a block, while its Γ is in memory.
void evaluate_strategies(const store::RunAttributes& run, const FreshSlab& slab, jobs::Range block,
                         const at::Tensor& gamma, const std::vector<Strategy>& strategies,
                         aggregation::StrategyEvaluation& evaluate, StrategyValues& all)
{
    const auto batchvec = slab.batchvec_of(block), flat = slab.flat_of(block), concat = slab.concat_of(block);
    for (std::int64_t r = 0; r < block.size(); ++r) {
        aggregation::FreshGammaView view;
        view.batches = run.batches;
        view.batch_size = run.batch_size;
        view.layers = run.layers();
        view.samples = values(gamma[r]);
        view.batchvec = values(batchvec[r]);
        view.flat = values(flat[r]);
        view.concat = values(concat[r]);
        const auto draw = static_cast<std::size_t>(block.begin + r);
        const auto evaluated = evaluate(view);
        for (std::size_t i = 0; i < strategies.size(); ++i)
            all.at(strategies[i].text()).at(draw) = evaluated.strategies[i];
        for (std::size_t l = 0; l < evaluated.layer_means.size(); ++l)
            all.at(aggregation::layer_key(l)).at(draw) = evaluated.layer_means[l];
    }
}

/// Completes every rank's values by the others'. Each draw's bits stand on one rank and are zero elsewhere,
/// so an integer sum is an exact copy.
void share_values(StrategyValues& all, const comm::Communicator& team)
{
    for (auto& [text, draws] : all) {
        std::vector<std::uint64_t> bits(draws.size());
        for (std::size_t r = 0; r < draws.size(); ++r)
            bits[r] = std::bit_cast<std::uint64_t>(draws[r]);
        team.sum(bits);
        for (std::size_t r = 0; r < draws.size(); ++r)
            draws[r] = std::bit_cast<double>(bits[r]);
    }
}

} // namespace

at::Tensor empty_counts(std::int64_t layers)
{
    return at::zeros({layers, 2048}, at::kLong);
}

void count_layers(const at::Tensor& gamma, at::Tensor& counts)
{
    for (std::int64_t l = 0; l < counts.size(0); ++l) {
        auto layer = counts[l];
        diagnostics::add_to_histogram(gamma.select(-1, l).contiguous(), layer);
    }
}

void put_histogram(const char* dataset, at::Tensor counts, const comm::Communicator& team, Rows& rows)
{
    team.sum({reinterpret_cast<std::uint64_t*>(counts.data_ptr<std::int64_t>()),
              static_cast<std::size_t>(counts.numel())});
    if (team.leads())
        rows.put(dataset, counts, 0);
}

StrategyValues measure_fresh(const PreparedRun& run, const comm::Communicator& team,
                             const std::vector<GammaInputs>& batches, const std::vector<Strategy>& strategies,
                             const WorkShares& shares, const Heartbeat& beat, diagnostics::KeptDraws& draws,
                             Rows& rows)
{
    StrategyValues per_draw;
    at::Tensor counts;
    comm::together(team, [&] {
        const at::NoGradGuard no_grad;
        per_draw = empty_values(run.attributes, strategies);
        counts = empty_counts(run.attributes.layers());
        aggregation::StrategyEvaluation evaluate(strategies);
        const auto blocks = jobs::draw_blocks(run.attributes.draws);
        const auto mine = jobs::share(static_cast<std::int64_t>(blocks.size()), team.rank(), team.size());
        const auto my_blocks = std::span(blocks).subspan(static_cast<std::size_t>(mine.begin),
                                                         static_cast<std::size_t>(mine.size()));
        const FreshSlab slab(run.attributes,
                             my_blocks.empty() ? jobs::Range{}
                                               : jobs::Range{my_blocks.front().begin, my_blocks.back().end});
        diagnostics::GammaEngine engine(run.draws.propagation, run.draws.shapes, run.attributes.batch_size,
                                        jobs::draws_per_block(run.attributes.draws));
        for (const auto& block : my_blocks) {
            const auto& matrices = draws.block(block);
            const auto gamma = slab.gamma_of(block);
            for (std::size_t b = 0; b < batches.size(); ++b) {
                const auto batch = slab.batch_of(block, static_cast<std::int64_t>(b));
                engine(batches[b], matrices, batch);
                slab.summarise(block, static_cast<std::int64_t>(b), batch.gamma);
            }
            count_layers(gamma, counts);
            evaluate_strategies(run.attributes, slab, block, gamma, strategies, evaluate, per_draw);
            beat(shares.per_draw_block);
        }
        slab.put(rows);
    });
    put_histogram("gamma/fresh_histogram", counts, team, rows);
    share_values(per_draw, team);
    return per_draw;
}

} // namespace fa::harness
