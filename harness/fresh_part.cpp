#include "harness/fresh_part.hpp"

#include "aggregation/strategy_cache.hpp"
#include "store/schema.hpp"

#include <algorithm>

namespace fa::harness {

std::string value_column(const std::string& key)
{
    return "values/" + key;
}

std::vector<std::string> value_keys(const store::RunAttributes& run,
                                    const std::vector<aggregation::Strategy>& strategies)
{
    std::vector<std::string> keys;
    for (const auto& strategy : strategies)
        keys.push_back(strategy.text());
    for (std::int64_t l = 0; l < run.layers(); ++l)
        keys.push_back(aggregation::layer_key(static_cast<std::size_t>(l)));
    return keys;
}

std::map<std::string, std::vector<std::int64_t>> column_shapes(const store::RunAttributes& run,
                                                               std::int64_t draws)
{
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const auto& name : datasets_of(run)) {
        const auto& definition = store::dataset_definition(name);
        if (!definition.axes.starts_with("draw "))
            continue;
        const auto whole = store::shape_of(definition, run);
        std::vector<std::int64_t> shape(whole.begin(), whole.end());
        shape.front() = draws;
        shapes.emplace(name, std::move(shape));
    }
    return shapes;
}

FreshPart::FreshPart(const store::RunAttributes& run, jobs::Range draws, const std::vector<std::string>& keys)
    : draws_(draws), counts_(empty_counts(run.layers()))
{
    for (const auto& [name, shape] : column_shapes(run, draws.size()))
        columns_.emplace(name, at::empty(shape, at::kFloat));
    for (const auto& key : keys)
        columns_.emplace(value_column(key), at::empty({draws.size()}, at::kDouble));
}

FreshPart FreshPart::until(std::int64_t end) const
{
    const jobs::Range kept{draws_.begin, end};
    DrawColumns columns;
    for (const auto& [name, column] : columns_)
        columns.emplace(name, column.narrow(0, 0, kept.size()));
    return {kept, std::move(columns), counts_};
}

void FreshPart::adopt(const FreshPart& other)
{
    const jobs::Range both{std::max(draws_.begin, other.draws_.begin),
                           std::min(draws_.end, other.draws_.end)};
    if (both.size() <= 0)
        return;
    for (const auto& [name, column] : columns_)
        if (other.has(name))
            rows(name, both).copy_(other.rows(name, both));
    if (other.draws_.begin >= draws_.begin)
        counts_.add_(other.counts_);
}

void FreshPart::put(Rows& out) const
{
    for (const auto& [name, column] : columns_)
        if (name.starts_with("gamma/"))
            out.put(name, column, draws_.begin);
}

} // namespace fa::harness
