#pragma once
/// Permutation p-values of differences between groups: signs of pairs turned around, or labels exchanged.

#include "aggregation/statistics.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::aggregation {

/// Rearrangements up to which all of them are looked at; of more, so many are drawn by keyed random numbers.
inline constexpr std::uint64_t most_rearrangements = 10'000;

struct PermutationTest {
    std::vector<double> p; ///< per column, two-sided; NaN where a value is undefined
    /// Over the columns by the largest |z|, each column's difference over a scale that no rearrangement
    /// changes; columns with an undefined value or without any spread are left out.
    double p_largest = undefined;
    double smallest = undefined; ///< below which no p can go
    std::uint64_t looked_at = 0; ///< rearrangements
    bool exact = false;          ///< all there are
};

/// The null hypothesis that each pair's difference may as well have the other sign. Scale: √Σ d².
/// Exact p = #{as extreme}/2ⁿ, at least 2^(1−n) since −d is as extreme as d; drawn: (1 + #)/(1 + looked_at).
/// @param differences  [columns][pairs]
PermutationTest turn_signs(std::span<const std::vector<double>> differences);

/// The null hypothesis that the labels of the two groups mean nothing. Difference of means; scale: standard
/// deviation of both groups' values together.
/// @param first   [columns][n of it]
/// @param second  [columns][n of it]
PermutationTest exchange_labels(std::span<const std::vector<double>> first,
                                std::span<const std::vector<double>> second);

} // namespace fa::aggregation
