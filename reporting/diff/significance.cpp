#include "reporting/diff/significance.hpp"

#include "aggregation/statistics.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fa::reporting {
namespace {

using aggregation::undefined;

double of_t(double t, double freedom)
{
    return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(freedom), std::abs(t)));
}

double of_z(double z)
{
    return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(z)));
}

/// Without any spread a difference is either none or certain.
double without_spread(double difference)
{
    return difference == 0 ? 1.0 : 0.0;
}

std::vector<double> differences(std::span<const double> a, std::span<const double> b)
{
    std::vector<double> result;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (const double d = b[i] - a[i]; !std::isnan(d)) {
            result.push_back(d);
        }
    }
    return result;
}

} // namespace

double paired_p(std::span<const double> a, std::span<const double> b)
{
    const auto d = differences(a, b);
    if (d.size() < 2) {
        return undefined;
    }
    const auto n = static_cast<double>(d.size());
    const double mean = aggregation::mean(d), std = aggregation::standard_deviation(d);
    return std > 0 ? of_t(mean / (std / std::sqrt(n)), n - 1) : without_spread(mean);
}

double welch_p(std::span<const double> a, std::span<const double> b)
{
    const auto n = static_cast<double>(aggregation::count_defined(a));
    const auto m = static_cast<double>(aggregation::count_defined(b));
    if (n < 2 || m < 2) {
        return undefined;
    }
    const double difference = aggregation::mean(b) - aggregation::mean(a);
    const double u = std::pow(aggregation::standard_deviation(a), 2) / n;
    const double v = std::pow(aggregation::standard_deviation(b), 2) / m;
    if (!(u + v > 0)) {
        return without_spread(difference);
    }
    return of_t(difference / std::sqrt(u + v), (u + v) * (u + v) / (u * u / (n - 1) + v * v / (m - 1)));
}

double prediction_p(double value, std::span<const double> a, std::span<const double> b)
{
    const auto d = differences(a, b);
    if (d.size() < 2 || std::isnan(value)) {
        return undefined;
    }
    const auto n = static_cast<double>(d.size());
    const double off = value - aggregation::mean(d), std = aggregation::standard_deviation(d);
    return std > 0 ? of_t(off / (std * std::sqrt(1 + 1 / n)), n - 1) : without_spread(off);
}

double normal_p(double difference, double a_error, double b_error)
{
    const double error = std::hypot(a_error, b_error);
    return std::isnan(difference) || std::isnan(error) ? undefined
           : error > 0                                 ? of_z(difference / error)
                                                       : without_spread(difference);
}

double student_p(double difference, double a_error, double b_error, double degrees_of_freedom)
{
    const double error = std::hypot(a_error, b_error);
    return std::isnan(difference) || std::isnan(error) || degrees_of_freedom < 1 ? undefined
           : error > 0 ? of_t(difference / error, degrees_of_freedom)
                       : without_spread(difference);
}

double mcnemar_p(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b)
{
    if (a.empty() || a.size() != b.size()) {
        return undefined;
    }
    double only_a = 0, only_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        only_a += a[i] != 0 && b[i] == 0 ? 1 : 0;
        only_b += a[i] == 0 && b[i] != 0 ? 1 : 0;
    }
    const double discordant = only_a + only_b;
    if (discordant == 0) {
        return 1;
    }
    return std::min(1.0,
                    2 * boost::math::cdf(boost::math::binomial(discordant, 0.5), std::min(only_a, only_b)));
}

double shares_p(std::size_t a_right, std::size_t a_count, std::size_t b_right, std::size_t b_count)
{
    if (a_count == 0 || b_count == 0) {
        return undefined;
    }
    const auto n = static_cast<double>(a_count), m = static_cast<double>(b_count);
    const double a = static_cast<double>(a_right) / n, b = static_cast<double>(b_right) / m;
    const double pooled = static_cast<double>(a_right + b_right) / (n + m);
    const double variance = pooled * (1 - pooled);
    return normal_p(b - a, std::sqrt(variance / n), std::sqrt(variance / m));
}

double bootstrap_p(std::span<const double> differences)
{
    double below = 0, above = 0, defined = 0;
    for (const double d : differences) {
        below += d <= 0 ? 1 : 0;
        above += d >= 0 ? 1 : 0;
        defined += std::isnan(d) ? 0 : 1;
    }
    return defined == 0 ? undefined : std::min(1.0, (1 + 2 * std::min(below, above)) / (1 + defined));
}

std::vector<double> holm(std::span<const double> p)
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (!std::isnan(p[i])) {
            order.push_back(i);
        }
    }
    std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
    std::vector<double> adjusted(p.size(), undefined);
    double largest = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - rank) * p[order[rank]]));
        adjusted[order[rank]] = largest;
    }
    return adjusted;
}

} // namespace fa::reporting
