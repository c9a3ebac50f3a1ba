#pragma once
/// 95 % intervals by Student's t: what a mean over few seeds can claim if the seeds' values are about normal.

#include "aggregation/bootstrap.hpp"

#include <cstddef>
#include <span>

namespace fa::aggregation {

/// Runs up to which a t interval stands beside the bootstrap's: of so few, resampling gives a handful of
/// distinct means, and an interval that is too narrow by √((n − 1)/n) and by the normal's quantile in t's
/// place.
inline constexpr std::size_t few_for_bootstrap = 5;

/// mean ± t(0.975, n − 1)·std/√n of the defined values; NaN for fewer than two.
BootstrapInterval t_interval(std::span<const double> values);

/// Of mean(first) − mean(second), variances not taken as equal (Welch 1947, Satterthwaite's degrees of
/// freedom); NaN where a group has fewer than two defined values or both have no spread.
BootstrapInterval welch_interval(std::span<const double> first, std::span<const double> second);

} // namespace fa::aggregation
