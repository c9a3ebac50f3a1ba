#include "aggregation/chi_squares.hpp"

#include "aggregation/bootstrap.hpp"
#include "diagnostics/philox.hpp"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include <cmath>

namespace fa::aggregation {
namespace {

constexpr double many = 100; ///< degrees of freedom from which the approximation serves

/// A random number needs no more digits than double's.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

double chi_square(double uniform, double freedom)
{
    if (freedom < many) {
        return boost::math::quantile(boost::math::chi_squared_distribution<double, InDouble>(freedom),
                                     uniform);
    }
    const double part = 2.0 / (9.0 * freedom);
    const double root = 1 - part +
                        boost::math::quantile(boost::math::normal_distribution<double, InDouble>(), uniform) *
                            std::sqrt(part);
    return freedom * root * root * root;
}

} // namespace

std::span<const double> ChiSquares::of(std::size_t stream, double freedom)
{
    auto& numbers = known_[{stream, freedom}];
    const auto purpose =
        static_cast<std::uint32_t>(Factor::mean_squares) + static_cast<std::uint32_t>(stream);
    for (auto i = static_cast<std::uint32_t>(numbers.size()); i < replicates_; ++i) {
        const auto word = random::philox(0, random::bootstrap, i, purpose, 0)[0];
        numbers.push_back(chi_square(random::uniform01(word), freedom));
    }
    return numbers;
}

} // namespace fa::aggregation
