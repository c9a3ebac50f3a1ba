#include "harness/fresh_stage.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/fresh_meter.hpp"
#include "harness/histograms.hpp"
#include "jobs/plan.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

namespace fa::harness {
namespace {

/// Every rank's values of a column, in the order of the draws. Each draw's bits stand on one rank and are
/// zero elsewhere, so an integer sum is an exact copy.
std::vector<double> of_all_ranks(const FreshPart& part, const std::string& column, std::int64_t draws,
                                 const comm::Communicator& team)
{
    std::vector<std::uint64_t> bits(static_cast<std::size_t>(draws));
    const auto* mine = part.columns().at(column).const_data_ptr<double>();
    for (std::int64_t r = 0; r < part.draws().size(); ++r)
        bits[static_cast<std::size_t>(part.draws().begin + r)] = std::bit_cast<std::uint64_t>(mine[r]);
    team.sum(bits);
    std::vector<double> values(bits.size());
    std::transform(bits.begin(), bits.end(), values.begin(),
                   [](std::uint64_t draw) { return std::bit_cast<double>(draw); });
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
    const auto blocks = static_cast<std::int64_t>(jobs::draw_blocks(run.draws).size());
    const auto mine = jobs::share(blocks, team.rank(), team.size());
    const auto per_block = jobs::draws_per_block(run.draws);
    return {std::min(mine.begin * per_block, run.draws), std::min(mine.end * per_block, run.draws)};
}

aggregation::StrategyValues put_parts(const FreshTask& task, const FreshPart& part, Rows& rows)
{
    part.put(rows);
    put_histogram("gamma/fresh_histogram", part.counts(), task.team, rows);
    aggregation::StrategyValues values;
    for (const auto& key : value_keys(task.run.attributes, task.strategies)) {
        const auto column = value_column(key);
        if (!task.team.any(!part.has(column)))
            values[key] = of_all_ranks(part, column, task.run.attributes.draws, task.team);
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
