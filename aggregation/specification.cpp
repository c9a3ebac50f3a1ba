#include "aggregation/specification.hpp"

#include <algorithm>
#include <cmath>

namespace fa::aggregation {
namespace {

/// Values [draws + 1] of one strategy, the trained one first.
using Column = std::vector<double>;

struct Range {
    double low, high;
};

Range range_of(std::span<const double> values)
{
    return {quantile(values, 0.025), quantile(values, 0.975)};
}

bool is_beyond(double value, Range range)
{
    return value < range.low || value > range.high; // false for NaN
}

CurvePoint point_of(std::size_t strategy, double train, const std::vector<double>& fresh)
{
    if (count_defined(fresh) == 0) {
        return {.strategy = strategy, .train = train};
    }
    auto values = fresh;
    if (!std::isnan(train)) {
        values.push_back(train);
    }
    const auto range = range_of(values);
    return {strategy, train, range.low, quantile(values, 0.5), range.high, is_beyond(train, range)};
}

/// Without a defined draw there is no range, and nothing can be beyond it.
bool can_be_tested(double train, const std::vector<double>& fresh)
{
    return !std::isnan(train) && count_defined(fresh) > 0;
}

/// The tested strategies' values in the draws in which all of them are defined.
std::vector<Column> tested(std::span<const double> train, std::span<const std::vector<double>> fresh)
{
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < train.size(); ++i) {
        if (can_be_tested(train[i], fresh[i])) {
            used.push_back(i);
        }
    }
    std::vector<Column> columns;
    for (const auto i : used) {
        columns.push_back({train[i]});
    }
    for (std::size_t draw = 0; !used.empty() && draw < fresh[used.front()].size(); ++draw) {
        if (std::all_of(used.begin(), used.end(),
                        [&](std::size_t i) { return !std::isnan(fresh[i][draw]); })) {
            for (std::size_t k = 0; k < used.size(); ++k) {
                columns[k].push_back(fresh[used[k]][draw]);
            }
        }
    }
    return columns;
}

double share_of_commoner_sign(std::span<const double> values)
{
    const auto positive = std::count_if(values.begin(), values.end(), [](double v) { return v > 0; });
    const auto negative = std::count_if(values.begin(), values.end(), [](double v) { return v < 0; });
    return static_cast<double>(std::max(positive, negative)) / static_cast<double>(values.size());
}

/// @param of_each  the statistic of the trained value, then of each draw
JointStatistic joint(const std::vector<double>& of_each)
{
    const double own = std::abs(of_each.front());
    const auto as_large =
        std::count_if(of_each.begin(), of_each.end(), [&](double value) { return std::abs(value) >= own; });
    return {of_each.front(), static_cast<double>(as_large) / static_cast<double>(of_each.size())};
}

void test_jointly(Specification& result, const std::vector<Column>& columns)
{
    std::vector<Range> ranges;
    std::transform(columns.begin(), columns.end(), std::back_inserter(ranges), range_of);
    const auto count = columns.front().size();
    std::vector<double> medians, signs, beyond, values(columns.size());
    for (std::size_t i = 0; i < count; ++i) {
        double outside = 0;
        for (std::size_t k = 0; k < columns.size(); ++k) {
            values[k] = columns[k][i];
            outside += is_beyond(values[k], ranges[k]) ? 1 : 0;
        }
        medians.push_back(median(values));
        signs.push_back(share_of_commoner_sign(values));
        beyond.push_back(outside / static_cast<double>(columns.size()));
    }
    result.median = joint(medians);
    result.one_sign = joint(signs);
    result.beyond = joint(beyond);
}

} // namespace

Specification specification_of(std::span<const double> train, std::span<const std::vector<double>> fresh)
{
    Specification result;
    for (std::size_t i = 0; i < train.size(); ++i) {
        result.curve.push_back(point_of(i, train[i], fresh[i]));
    }
    const auto has_train = count_defined(train) > 0;
    const auto key = [&](const CurvePoint& point) {
        const double value = has_train ? point.train : point.middle;
        return std::isnan(value) ? std::numeric_limits<double>::infinity() : value; // last
    };
    std::stable_sort(result.curve.begin(), result.curve.end(),
                     [&](const CurvePoint& a, const CurvePoint& b) { return key(a) < key(b); });

    const auto columns = tested(train, fresh);
    result.strategies = columns.size();
    result.draws = columns.empty() ? 0 : columns.front().size() - 1;
    if (!has_train) {
        result.reason = "no Γ_train to test";
    } else if (columns.empty()) {
        result.reason = "no fresh draws to test against";
    } else if (result.draws == 0) {
        result.reason = "no draw in which every strategy is defined";
    } else {
        test_jointly(result, columns);
    }
    return result;
}

} // namespace fa::aggregation
