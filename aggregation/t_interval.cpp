#include "aggregation/t_interval.hpp"

#include "aggregation/statistics.hpp"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>

namespace fa::aggregation {
namespace {

BootstrapInterval around(double centre, double standard_error, double freedom)
{
    const double half = boost::math::quantile(boost::math::students_t(freedom), 0.975) * standard_error;
    return {centre - half, centre + half};
}

} // namespace

BootstrapInterval t_interval(std::span<const double> values)
{
    const auto n = static_cast<double>(count_defined(values));
    if (n < 2) {
        return {undefined, undefined};
    }
    return around(mean(values), standard_deviation(values) / std::sqrt(n), n - 1);
}

BootstrapInterval welch_interval(std::span<const double> first, std::span<const double> second)
{
    const auto n = static_cast<double>(count_defined(first));
    const auto m = static_cast<double>(count_defined(second));
    if (n < 2 || m < 2) {
        return {undefined, undefined};
    }
    const double a = std::pow(standard_deviation(first), 2) / n;
    const double b = std::pow(standard_deviation(second), 2) / m;
    if (!(a + b > 0)) {
        return {undefined, undefined};
    }
    const double freedom = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1));
    return around(mean(first) - mean(second), std::sqrt(a + b), freedom);
}

} // namespace fa::aggregation
