#include "reporting/latex_captions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace fa::reporting {

using aggregation::Audit;
using aggregation::Table;

namespace {

/// "200", or "200 to 500" where runs differ.
template <typename Number>
std::string range_of(const Audit& audit, const Number& number)
{
    std::int64_t low = -1, high = -1;
    for (const auto& run : audit.runs) {
        const std::int64_t value = run.result ? number(*run.result) : 0;
        if (value > 0) {
            low = low < 0 ? value : std::min(low, value);
            high = std::max(high, value);
        }
    }
    return low < 0 ? "no" : low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high);
}

} // namespace

std::string samples(const Audit& audit)
{
    return range_of(audit, [](const auto& run) { return run.attributes.samples(); }) + " samples";
}

std::string draws(const Audit& audit)
{
    return range_of(audit, [](const auto& run) { return run.attributes.draws; }) +
           " fresh draws of the feedback matrices";
}

std::string first_strategy(const Audit& audit)
{
    return audit.question.strategies.empty() ? std::string() : audit.question.strategies.front().text();
}

LatexTable table_of(std::string label, std::string caption, Table table, std::size_t headings,
                    Interpretable words)
{
    LatexTable result{std::move(label), std::move(caption), std::move(table), headings, {}, {}};
    auto& columns = result.table.columns;
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [](const auto& column) { return column.name == "interpretable"; });
    if (found == columns.end()) {
        return result;
    }
    const auto place = found - columns.begin();
    for (auto& row : result.table.rows) {
        const auto* const says = std::get_if<std::string>(&row.cells[static_cast<std::size_t>(place)]);
        result.marked.push_back(says != nullptr && says->starts_with("no"));
        if (words == Interpretable::drop) {
            row.cells.erase(row.cells.begin() + place);
        }
    }
    if (words == Interpretable::drop) {
        columns.erase(found);
    }
    return result;
}

} // namespace fa::reporting
