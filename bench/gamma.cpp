/// The Γ engine. Every call to it from the benchmarks is in this file.
#include "aggregation/strategy.hpp"
#include "bench/gamma_problem.hpp"
#include "bench/subject.hpp"
#include "diagnostics/gamma_engine.hpp"
#include "diagnostics/kept_draws.hpp"
#include "harness/fresh_stage.hpp"
#include "jobs/plan.hpp"

#include <memory>

namespace fa::bench {
namespace {

GammaShape few_classes(Size size)
{
    if (size == Size::tiny)
        return {.samples = 32, .batch_size = 16, .width = 24, .classes = 4, .layers = 2, .draws = 11};
    return {.samples = 1024, .batch_size = 128, .width = 256, .classes = 10, .layers = 5, .draws = 200};
}

GammaShape many_classes(Size size)
{
    if (size == Size::tiny)
        return {.samples = 32, .batch_size = 16, .width = 48, .classes = 20, .layers = 2, .draws = 5};
    return {.samples = 512, .batch_size = 128, .width = 768, .classes = 100, .layers = 13, .draws = 64};
}

std::vector<diagnostics::DrawBlock> all_blocks(const GammaProblem& problem)
{
    std::vector<diagnostics::DrawBlock> blocks;
    for (const auto& block : jobs::draw_blocks(problem.shape.draws))
        blocks.push_back(diagnostics::draw_block(problem.draws, block));
    return blocks;
}

/// The engine, and room for every Γ, as a run has it.
class Measured {
  public:
    explicit Measured(const GammaProblem& problem)
        : problem_(problem), most_(jobs::draws_per_block(problem.shape.draws)),
          engine_(problem.draws.propagation, problem.draws.shapes, problem.shape.batch_size, most_),
          out_{.gamma =
                   at::empty({problem.shape.draws, problem.shape.samples, problem.shape.layers}, at::kFloat),
               .batchvec = at::empty({problem.shape.draws, problem.shape.batches(), problem.shape.layers},
                                     at::kFloat),
               .flat = at::empty({problem.shape.draws, problem.shape.batches(), problem.shape.layers},
                                 at::kFloat),
               .concat = at::empty({problem.shape.draws, problem.shape.samples}, at::kFloat)}
    {
    }

    void measure(const diagnostics::DrawBlock& block)
    {
        const auto rows = [&](const at::Tensor& all) {
            return all.narrow(0, block.draws.begin, block.draws.size());
        };
        const auto size = problem_.shape.batch_size;
        for (std::size_t b = 0; b < problem_.batches.size(); ++b) {
            const auto at = static_cast<std::int64_t>(b);
            engine_(problem_.batches[b], block,
                    {.gamma = rows(out_.gamma).narrow(1, at * size, size),
                     .batchvec = rows(out_.batchvec).select(1, at),
                     .flat = rows(out_.flat).select(1, at),
                     .concat = rows(out_.concat).narrow(1, at * size, size)});
        }
        keep(out_);
    }

  private:
    const GammaProblem& problem_;
    std::int64_t most_;
    diagnostics::GammaEngine engine_;
    diagnostics::FreshGamma out_;
};

/// The matrices that bare products multiply: of each block and layer one, [d, R_b·C].
std::vector<std::vector<at::Tensor>> joined_draws(const GammaProblem& problem)
{
    std::vector<std::vector<at::Tensor>> joined;
    for (const auto& block : jobs::draw_blocks(problem.shape.draws)) {
        joined.emplace_back();
        for (std::int64_t layer = 0; layer < problem.shape.layers; ++layer) {
            std::vector<at::Tensor> draws;
            for (auto r = block.begin; r < block.end; ++r)
                draws.push_back(diagnostics::draw(problem.draws, r, layer));
            joined.back().push_back(at::cat(draws, 1));
        }
    }
    return joined;
}

/// ĝ of each batch and layer without the row of means: what the bare products multiply.
std::vector<std::vector<at::Tensor>> sample_rows(const GammaProblem& problem)
{
    std::vector<std::vector<at::Tensor>> rows;
    for (const auto& batch : problem.batches) {
        rows.emplace_back();
        for (const auto& reference : batch.reference)
            rows.back().push_back(reference.narrow(0, 0, problem.shape.batch_size).clone());
    }
    return rows;
}

/// Γ of all draws, the draws given, against the products [N, d]·[d, R_b·C] alone.
Sides gamma_and_products(const GammaShape& shape)
{
    const auto problem = std::make_shared<const GammaProblem>(shape);
    const auto blocks = std::make_shared<const std::vector<diagnostics::DrawBlock>>(all_blocks(*problem));
    const auto rows = sample_rows(*problem);
    const auto bare = [joined = joined_draws(*problem), rows] {
        for (const auto& block : joined)
            for (const auto& batch : rows)
                for (std::size_t layer = 0; layer < batch.size(); ++layer)
                    keep(at::mm(batch[layer], block[layer]));
    };
    const auto ours = [problem, blocks] {
        Measured measured(*problem);
        for (const auto& block : *blocks)
            measured.measure(block);
    };
    return {{"bare", bare}, {"ours", ours}};
}

harness::PreparedRun prepared_run(const GammaProblem& problem)
{
    const auto& shape = problem.shape;
    harness::PreparedRun run;
    run.draws = problem.draws;
    run.attributes.keep = "samples";
    run.attributes.depth = shape.layers - 1;
    run.attributes.width.assign(static_cast<std::size_t>(shape.layers), shape.width);
    run.attributes.classes = shape.classes;
    run.attributes.batches = shape.batches();
    run.attributes.batch_size = shape.batch_size;
    run.attributes.draws = shape.draws;
    return run;
}

/// The whole Γ stage: draws and their Γ; and that with all a run keeps of it: histograms, every strategy's
/// value per draw.
Sides gamma_stage(const GammaShape& shape)
{
    const auto problem = std::make_shared<const GammaProblem>(shape);
    const auto run = std::make_shared<const harness::PreparedRun>(prepared_run(*problem));
    const auto ours = [problem] {
        Measured measured(*problem);
        diagnostics::KeptDraws draws;
        draws.begin(problem->draws, 0);
        for (const auto& block : jobs::draw_blocks(problem->shape.draws))
            measured.measure(draws.block(block));
    };
    const auto with_strategies = [problem, run, strategies = aggregation::default_strategies()] {
        harness::Rows rows;
        diagnostics::KeptDraws draws;
        draws.begin(problem->draws, 0);
        const harness::comm::Communicator alone;
        const auto collectives = harness::make_collectives(alone, at::kCPU);
        keep(harness::measure_fresh({.run = *run,
                                     .team = alone,
                                     .collectives = *collectives,
                                     .batches = problem->batches,
                                     .strategies = strategies,
                                     .draws = draws,
                                     .shares = {},
                                     .beat = {}},
                                    rows));
    };
    return {{"ours", ours}, {"with_strategies", with_strategies}};
}

} // namespace

std::map<std::string, Benchmark> gamma_benchmarks()
{
    return {
        {"gamma_c10", [](Size size) { return gamma_and_products(few_classes(size)); }},
        {"gamma_c100", [](Size size) { return gamma_and_products(many_classes(size)); }},
        {"stage_c10", [](Size size) { return gamma_stage(few_classes(size)); }},
        {"stage_c100", [](Size size) { return gamma_stage(many_classes(size)); }},
    };
}

} // namespace fa::bench
