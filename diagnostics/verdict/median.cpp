#include "diagnostics/verdict/median.hpp"

#include "diagnostics/verdict/judgement.hpp"

#include <algorithm>
#include <cmath>

namespace fa::verdict {

Median median(std::vector<double> values)
{
    Median result{.value = undefined, .count = values.size()};
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    result.undefined = result.count - values.size();
    if (values.empty())
        return result;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    result.value = *middle;
    if (values.size() % 2 == 0) {
        const double below = *std::max_element(values.begin(), middle);
        result.value = below + (*middle - below) / 2; // the sum of two large norms could overflow
    }
    return result;
}

std::vector<Median> column_medians(std::span<const double> table, std::size_t columns)
{
    std::vector<Median> medians;
    for (std::size_t column = 0; column < columns; ++column) {
        std::vector<double> entries;
        entries.reserve(table.size() / columns);
        for (std::size_t at = column; at < table.size(); at += columns)
            entries.push_back(table[at]);
        medians.push_back(median(std::move(entries)));
    }
    return medians;
}

std::vector<double> values(const std::vector<Median>& medians)
{
    std::vector<double> result;
    for (const Median& each : medians)
        result.push_back(each.value);
    return result;
}

} // namespace fa::verdict
