#pragma once
/// Mean, median and interquartile mean along one axis, as strategies use them: NaN is skipped, and NaN where
/// nothing is left.

#include "aggregation/sorted_column.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace fa::aggregation {

/// A block of numbers [outer, count, inner], row major, whose middle axis is reduced.
template <typename Number>
struct Block {
    std::span<const Number> values;
    std::size_t outer = 1, count = 1, inner = 1;
};

/// Where the results of each reducer go, [outer, inner]; empty spans: not asked for. Those that
/// are asked for together share the sorting.
struct Reductions {
    std::span<double> mean, median, iqm;
};

/// Memory that reductions of the same sizes use again.
template <typename Number>
struct ReductionMemory {
    ColumnSorter<Number> sorter;
    std::vector<Number> rows;
};

template <typename Number>
void reduce(const Block<Number>& block, const Reductions& to, ReductionMemory<Number>& memory);

} // namespace fa::aggregation
