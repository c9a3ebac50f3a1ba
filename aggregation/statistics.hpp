#pragma once
/// Statistics of one-dimensional samples (design 3, "Statistics"). NaN means undefined: it is left out
/// everywhere, and an empty rest gives NaN, never 0.

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

namespace fa::aggregation {

inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// Number of values that aren't NaN.
std::int64_t count_defined(std::span<const double> values);
/// The values that aren't NaN, in order.
std::vector<double> defined_values(std::span<const double> values);

double mean(std::span<const double> values);
/// Standard deviation with ddof = 1; NaN for fewer than two defined values.
double standard_deviation(std::span<const double> values);
double median(std::span<const double> values);
/// Interquartile mean: ⌊n/4⌋ values dropped at each end, mean of the rest.
double interquartile_mean(std::span<const double> values);
/// Linear quantile (type 7), level in [0, 1].
double quantile(std::span<const double> values, double level);
/// Several of them at the price of little more than one. @param levels  ascending
std::vector<double> quantiles(std::span<const double> values, std::initializer_list<double> levels);

/// (train − mean of fresh)/std of fresh; NaN where that isn't defined (fewer than two draws, or all equal).
double z_score(double train, std::span<const double> fresh);

/// Permutation p of a value against fresh draws: (1 + #{|fresh| ≥ |train|})/(1 + R), R the defined draws.
/// NaN where the value or every draw is undefined.
double p_value(double train, std::span<const double> fresh);

/// p over layers by the maximum |z|: every draw's values get the z that the trained value gets (same mean,
/// same std), and the largest |z| over layers is compared. Layers whose z is undefined are left out, and so
/// is a draw that lacks one of the others. (A draw is part of the mean and std it is compared with, the
/// trained value is not: its z is wider by about 1/R, so this p is a little too small for few draws and as
/// good as exact for 200.)
/// @param train  [layers]
/// @param fresh  [layers][R]
double p_value_of_largest_z(std::span<const double> train, std::span<const std::vector<double>> fresh);

/// A value at the training feedback against its values at fresh draws.
struct Compared {
    double train = undefined;
    double fresh_mean = undefined;
    double fresh_std = undefined;
    double fresh_q025 = undefined;
    double fresh_q500 = undefined;
    double fresh_q975 = undefined;
    double z = undefined;
    double p = undefined;
    std::int64_t draws = 0;           ///< R
    std::int64_t undefined_draws = 0; ///< of these
};
Compared compare(double train, std::span<const double> fresh);

/// How far a number depends on the aggregation (design 3, "Spread over strategies").
struct Spread {
    double min = undefined;
    double max = undefined;
    double ratio = undefined;    ///< max|Γ|/min|Γ| where all have one sign, else NaN
    std::int64_t sign_flips = 0; ///< min(#positive, #negative)
    std::int64_t defined = 0;    ///< strategies that have a value
};
Spread spread_of(std::span<const double> values);

/// |Γ_0| / Σ|Γ_l|; NaN where a layer is undefined or all are 0.
double share_of_first(std::span<const double> per_layer);

} // namespace fa::aggregation
