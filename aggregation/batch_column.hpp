#pragma once
/// A column of values that come from batches, ready to be reduced over any resampling of the batches without
/// touching each value.

#include "aggregation/strategy.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::aggregation {

/// The reducers of strategies over the multiset in which batch b's values stand `times[b]` times: NaN is
/// skipped, and NaN where nothing is left. Sorted once; a reduction then takes the time of a few batches.
class BatchColumn {
  public:
    /// @param values  [batches, values.size()/batches]
    BatchColumn(std::span<const double> values, std::size_t batches);

    double mean(std::span<const std::uint32_t> times) const;
    double median(std::span<const std::uint32_t> times) const;
    double interquartile_mean(std::span<const std::uint32_t> times) const;

  private:
    /// The value at one rank of the multiset, and what stands before it in order.
    struct Place {
        double value;
        double sum_before; ///< of the values of lower rank
    };
    Place place_of(std::uint64_t rank, std::span<const std::uint32_t> times) const;
    std::uint64_t size(std::span<const std::uint32_t> times) const;

    struct Entry {
        double value;
        std::uint32_t batch;
    };
    std::size_t batches_;
    std::vector<Entry> sorted_; ///< the defined values
    /// By batch, of the entries before every `stride`th one, and last of all: [⌈n/stride⌉ + 1, batches].
    std::vector<std::uint32_t> counts_;
    std::vector<double> sums_;
};

} // namespace fa::aggregation
