#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace fa::verdict {

/// A median over the defined (finite) values, and how many were left out.
struct Median {
    double value; ///< mean of the middle two for an even count; NaN where nothing is defined
    std::size_t undefined = 0;
    std::size_t count = 0; ///< defined and undefined ones

    /// More than half undefined: the median says nothing about the sample (design 6, "Fine print").
    bool mostly_undefined() const { return 2 * undefined > count; }
};

Median median(std::vector<double> values);

/// Medians of the columns of a row-major table.
/// @param table  [rows, columns]
std::vector<Median> column_medians(std::span<const double> table, std::size_t columns);

/// Their values alone.
std::vector<double> values(const std::vector<Median>& medians);

} // namespace fa::verdict
