#pragma once
/// The defined values of a column in ascending order: what its median and its interquartile mean are read
/// from.

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace fa::aggregation {

/// Sorts one column after another without allocating anew. By radix: a comparison of random numbers is a
/// branch that the processor guesses wrong half of the time, which made selection the costliest part of a
/// strategy.
template <typename Number>
class ColumnSorter {
  public:
    /// The values that aren't NaN of first[0], first[stride], …, ascending; valid until the next call.
    std::span<const Number> sorted(const Number* first, std::size_t count, std::size_t stride);

  private:
    /// Unsigned integers in the order of the numbers.
    using Key = std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>;
    void sort_keys(std::size_t count);

    std::vector<Number> values_;
    std::vector<Key> keys_, other_keys_;
};

/// Of values in ascending order, none of them NaN; NaN where there are none. Sums are in double, from the
/// smallest value to the largest, so that they don't depend on how the values were sorted.
template <typename Number>
double median_of_sorted(std::span<const Number> sorted);
/// ⌊n/4⌋ values dropped at each end, mean of the rest.
template <typename Number>
double interquartile_mean_of_sorted(std::span<const Number> sorted);

} // namespace fa::aggregation
