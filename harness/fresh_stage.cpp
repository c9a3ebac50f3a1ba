#include "harness/fresh_stage.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/fresh_meter.hpp"
#include "harness/histograms.hpp"
#include "jobs/plan.hpp"

#include <ATen/core/grad_mode.h>

#include <optional>
#include <vector>

namespace fa::harness {
namespace {

/// Every rank's values of each column, [columns, R], in the order of the draws. Each draw's bits stand on one
/// rank and are zero elsewhere, so an integer sum is an exact copy.
at::Tensor of_all_ranks(const FreshTask& task, const FreshPart& part, const std::vector<std::string>& columns)
{
    auto values =
        at::zeros({static_cast<std::int64_t>(columns.size()), task.run.attributes.draws}, at::kDouble);
    for (std::size_t c = 0; c < columns.size(); ++c)
        values[static_cast<std::int64_t>(c)]
            .narrow(0, part.draws().begin, part.draws().size())
            .copy_(part.columns().at(columns[c]));
    auto bits = values.view(at::kLong);
    task.collectives.sum(bits);
    return values;
}

std::vector<jobs::Range> blocks_of_rank(const store::RunAttributes& run, const comm::Communicator& team)
{
    const auto blocks = jobs::draw_blocks(run.draws);
    const auto mine = jobs::share(static_cast<std::int64_t>(blocks.size()), team.rank(), team.size());
    return {blocks.begin() + mine.begin, blocks.begin() + mine.end};
}

} // namespace

jobs::Range draws_of_rank(const store::RunAttributes& run, const comm::Communicator& team)
{
    const auto blocks = blocks_of_rank(run, team);
    return blocks.empty() ? jobs::Range{run.draws, run.draws}
                          : jobs::Range{blocks.front().begin, blocks.back().end};
}

aggregation::StrategyValues put_parts(const FreshTask& task, const FreshPart& part, Rows& rows)
{
    part.put(rows);
    put_histogram("gamma/fresh_histogram", part.counts(), task.team, task.collectives, rows);
    std::vector<std::string> keys, columns; // those that every part has
    for (const auto& key : value_keys(task.run.attributes, task.strategies))
        if (const auto column = value_column(key); !task.team.any(!part.has(column))) {
            keys.push_back(key);
            columns.push_back(column);
        }
    const auto all = of_all_ranks(task, part, columns);
    aggregation::StrategyValues values;
    for (std::size_t k = 0; k < keys.size(); ++k) {
        const auto* of_key = all.const_data_ptr<double>() + static_cast<std::int64_t>(k) * all.size(1);
        values[keys[k]].assign(of_key, of_key + all.size(1));
    }
    return values;
}

aggregation::StrategyValues measure_fresh(const FreshTask& task, Rows& rows)
{
    const auto& run = task.run.attributes;
    std::optional<FreshPart> part;
    comm::together(task.team, [&] {
        const at::NoGradGuard no_grad;
        const auto blocks = blocks_of_rank(run, task.team);
        part.emplace(run, draws_of_rank(run, task.team), value_keys(run, task.strategies));
        FreshMeter meter(task);
        for (auto block = blocks.begin(); block != blocks.end(); ++block) {
            const auto next = block + 1;
            meter.measure(*block, *part, next == blocks.end() ? std::nullopt : std::optional(*next));
            task.beat(task.shares.per_draw_block);
        }
    });
    return put_parts(task, *part, rows);
}

} // namespace fa::harness
