#include "aggregation/statistics.hpp"

#include "aggregation/sorted_column.hpp"

#include <algorithm>
#include <cmath>

namespace fa::aggregation {

std::int64_t count_defined(std::span<const double> values)
{
    return std::count_if(values.begin(), values.end(), [](double value) { return !std::isnan(value); });
}

std::vector<double> defined_values(std::span<const double> values)
{
    std::vector<double> kept;
    kept.reserve(values.size());
    std::copy_if(values.begin(), values.end(), std::back_inserter(kept),
                 [](double value) { return !std::isnan(value); });
    return kept;
}

double mean(std::span<const double> values)
{
    double sum = 0;
    std::int64_t count = 0;
    for (const double value : values) {
        if (!std::isnan(value)) {
            sum += value;
            ++count;
        }
    }
    return count == 0 ? undefined : sum / static_cast<double>(count);
}

double standard_deviation(std::span<const double> values)
{
    const auto count = count_defined(values);
    if (count < 2) {
        return undefined;
    }
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values) {
        if (!std::isnan(value)) {
            squares += (value - centre) * (value - centre);
        }
    }
    return std::sqrt(squares / static_cast<double>(count - 1));
}

double median(std::span<const double> values)
{
    return median_of_sorted(ColumnSorter<double>().sorted(values.data(), values.size(), 1));
}

double interquartile_mean(std::span<const double> values)
{
    return interquartile_mean_of_sorted(ColumnSorter<double>().sorted(values.data(), values.size(), 1));
}

namespace {

double quantile_of_sorted(std::span<const double> sorted, double level)
{
    if (sorted.empty()) {
        return undefined;
    }
    const double place = level * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(place));
    const auto above = std::min(below + 1, sorted.size() - 1);
    const double part = place - static_cast<double>(below);
    return sorted[below] + part * (sorted[above] - sorted[below]);
}

} // namespace

double quantile(std::span<const double> values, double level)
{
    return quantiles(values, {level}).front();
}

std::vector<double> quantiles(std::span<const double> values, std::initializer_list<double> levels)
{
    auto kept = defined_values(values);
    std::vector<double> results;
    auto unordered = kept.begin(); // what comes before is smaller
    for (const double level : levels) {
        if (!kept.empty()) {
            // The two order statistics it lies between, without sorting the rest: bootstraps ask for
            // thousands of these.
            const auto below =
                kept.begin() + static_cast<std::ptrdiff_t>(level * static_cast<double>(kept.size() - 1));
            std::nth_element(unordered, below, kept.end());
            const auto next = std::min_element(below + 1, kept.end());
            if (next != kept.end()) {
                std::iter_swap(below + 1, next);
            }
            unordered = below;
        }
        results.push_back(quantile_of_sorted(kept, level));
    }
    return results;
}

double z_score(double train, std::span<const double> fresh)
{
    const double spread = standard_deviation(fresh);
    return spread > 0 ? (train - mean(fresh)) / spread : undefined;
}

double p_value(double train, std::span<const double> fresh)
{
    const auto draws = count_defined(fresh);
    if (std::isnan(train) || draws == 0) {
        return undefined;
    }
    // A comparison with NaN is false: undefined draws leave both the count and R.
    const auto as_large = std::count_if(fresh.begin(), fresh.end(),
                                        [&](double value) { return std::abs(value) >= std::abs(train); });
    return static_cast<double>(1 + as_large) / static_cast<double>(1 + draws);
}

double p_value_of_largest_z(std::span<const double> train, std::span<const std::vector<double>> fresh)
{
    double train_largest = undefined;
    std::size_t draws = 0;
    std::vector<double> largest; // per draw; NaN once a layer of it is undefined
    for (std::size_t layer = 0; layer < train.size(); ++layer) {
        const double z = z_score(train[layer], fresh[layer]);
        if (std::isnan(z)) {
            continue;
        }
        const double centre = mean(fresh[layer]);
        const double spread = standard_deviation(fresh[layer]);
        train_largest = std::isnan(train_largest) ? std::abs(z) : std::max(train_largest, std::abs(z));
        draws = fresh[layer].size();
        largest.resize(draws, 0.0);
        for (std::size_t draw = 0; draw < draws; ++draw) {
            const double own = std::abs((fresh[layer][draw] - centre) / spread);
            largest[draw] =
                std::isnan(own) || std::isnan(largest[draw]) ? undefined : std::max(largest[draw], own);
        }
    }
    return p_value(train_largest, largest);
}

Compared compare(double train, std::span<const double> fresh)
{
    Compared result;
    auto sorted = defined_values(fresh);
    result.train = train;
    result.fresh_mean = mean(fresh);
    result.fresh_std = standard_deviation(fresh);
    result.z = z_score(train, fresh);
    result.p = p_value(train, fresh);
    result.draws = static_cast<std::int64_t>(fresh.size());
    result.undefined_draws = result.draws - static_cast<std::int64_t>(sorted.size());
    std::sort(sorted.begin(), sorted.end());
    result.fresh_q025 = quantile_of_sorted(sorted, 0.025);
    result.fresh_q500 = quantile_of_sorted(sorted, 0.5);
    result.fresh_q975 = quantile_of_sorted(sorted, 0.975);
    return result;
}

Spread spread_of(std::span<const double> values)
{
    Spread result;
    std::int64_t positive = 0;
    std::int64_t negative = 0;
    double smallest = undefined; // of |Γ|
    double largest = undefined;
    for (const double value : values) {
        if (std::isnan(value)) {
            continue;
        }
        const bool first = result.defined == 0;
        result.min = first ? value : std::min(result.min, value);
        result.max = first ? value : std::max(result.max, value);
        smallest = first ? std::abs(value) : std::min(smallest, std::abs(value));
        largest = first ? std::abs(value) : std::max(largest, std::abs(value));
        positive += value > 0 ? 1 : 0;
        negative += value < 0 ? 1 : 0;
        ++result.defined;
    }
    result.sign_flips = std::min(positive, negative);
    const bool one_sign = result.defined > 0 && (positive == result.defined || negative == result.defined);
    result.ratio = one_sign ? largest / smallest : undefined;
    return result;
}

double share_of_first(std::span<const double> per_layer)
{
    double sum = 0;
    for (const double value : per_layer) {
        sum += std::abs(value); // NaN stays NaN
    }
    return sum > 0 ? std::abs(per_layer.front()) / sum : undefined;
}

} // namespace fa::aggregation
