#include "aggregation/reduce.hpp"

#include "aggregation/statistics.hpp"

#include <algorithm>
#include <array>

namespace fa::aggregation {
namespace {

/// A running mean over the values that aren't NaN.
struct Mean {
    double sum = 0, defined = 0;

    void add(double value)
    {
        const bool is_defined = value == value;
        sum += is_defined ? value : 0.0;
        defined += is_defined ? 1.0 : 0.0;
    }
    double value() const { return defined > 0 ? sum / defined : undefined; }
};

/// Means of `Rows` rows at once: each sum waits for its last addition, the sums don't wait for each other.
template <std::size_t Rows, typename Number>
void means_of_rows(const Number* values, std::size_t count, double* to)
{
    std::array<Mean, Rows> means;
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t row = 0; row < Rows; ++row) {
            means[row].add(static_cast<double>(values[row * count + n]));
        }
    }
    for (std::size_t row = 0; row < Rows; ++row) {
        to[row] = means[row].value();
    }
}

/// Means over the outer axis of [count, inner].
template <typename Number>
void means_of_columns(const Number* values, std::size_t count, std::size_t inner, double* to)
{
    constexpr std::size_t tile = 64; // columns whose sums stay in the nearest cache
    for (std::size_t first = 0; first < inner; first += tile) {
        const auto columns = std::min(tile, inner - first);
        std::array<double, tile> sum{}, defined{};
        for (std::size_t n = 0; n < count; ++n) {
            const Number* row = values + n * inner + first;
            for (std::size_t i = 0; i < columns; ++i) {
                const auto value = static_cast<double>(row[i]);
                const bool is_defined = value == value;
                sum[i] += is_defined ? value : 0.0;
                defined[i] += is_defined ? 1.0 : 0.0;
            }
        }
        for (std::size_t i = 0; i < columns; ++i) {
            to[first + i] = Mean{sum[i], defined[i]}.value();
        }
    }
}

template <typename Number>
void means(const Block<Number>& block, double* to)
{
    const auto* values = block.values.data();
    if (block.inner > 1) {
        for (std::size_t o = 0; o < block.outer; ++o) {
            means_of_columns(values + o * block.count * block.inner, block.count, block.inner,
                             to + o * block.inner);
        }
        return;
    }
    constexpr std::size_t together = 4;
    std::size_t row = 0;
    for (; row + together <= block.outer; row += together) {
        means_of_rows<together>(values + row * block.count, block.count, to + row);
    }
    for (; row < block.outer; ++row) {
        means_of_rows<1>(values + row * block.count, block.count, to + row);
    }
}

/// Medians of many short columns at once: the rows of [count, inner] are exchanged element by element until
/// every column is in order (odd-even transposition).
/// @returns false, with nothing done, where a value is NaN
template <typename Number>
bool medians_of_columns(const Block<Number>& block, double* to, std::vector<Number>& rows)
{
    const auto inner = block.inner, count = block.count;
    for (std::size_t o = 0; o < block.outer; ++o, to += inner) {
        const auto values = block.values.subspan(o * count * inner, count * inner);
        int undefined_values = 0; // counted to the end, which is faster than to stop at the first
        for (const Number value : values) {
            undefined_values += value != value ? 1 : 0;
        }
        if (undefined_values > 0) {
            return false;
        }
        rows.assign(values.begin(), values.end());
        for (std::size_t round = 0; round < count; ++round) {
            for (std::size_t row = round % 2; row + 1 < count; row += 2) {
                Number* const upper = rows.data() + row * inner;
                Number* const lower = upper + inner;
                for (std::size_t i = 0; i < inner; ++i) {
                    const Number a = upper[i], b = lower[i];
                    const Number low = b < a ? b : a, high = b < a ? a : b; // both before either is stored:
                    upper[i] = low;                                         // so the compiler vectorises it
                    lower[i] = high;
                }
            }
        }
        const Number* const high = rows.data() + count / 2 * inner;
        const Number* const low = count % 2 == 1 ? high : high - inner;
        for (std::size_t i = 0; i < inner; ++i) {
            to[i] = (static_cast<double>(low[i]) + static_cast<double>(high[i])) / 2;
        }
    }
    return true;
}

template <typename Number>
void sort_columns(const Block<Number>& block, const Reductions& to, ColumnSorter<Number>& sorter)
{
    for (std::size_t o = 0; o < block.outer; ++o) {
        for (std::size_t i = 0; i < block.inner; ++i) {
            const auto column = sorter.sorted(block.values.data() + o * block.count * block.inner + i,
                                              block.count, block.inner);
            const auto place = o * block.inner + i;
            if (!to.median.empty()) {
                to.median[place] = median_of_sorted(column);
            }
            if (!to.iqm.empty()) {
                to.iqm[place] = interquartile_mean_of_sorted(column);
            }
        }
    }
}

} // namespace

template <typename Number>
void reduce(const Block<Number>& block, const Reductions& to, ReductionMemory<Number>& memory)
{
    if (!to.mean.empty()) {
        means(block, to.mean.data());
    }
    if (to.median.empty() && to.iqm.empty()) {
        return;
    }
    constexpr std::size_t short_columns = 16; // count² exchanges a column against count·log(count) compares
    const bool exchange = to.iqm.empty() && block.inner > 1 && block.count <= short_columns;
    if (!exchange || !medians_of_columns(block, to.median.data(), memory.rows)) {
        sort_columns(block, to, memory.sorter);
    }
}

template void reduce(const Block<float>&, const Reductions&, ReductionMemory<float>&);
template void reduce(const Block<double>&, const Reductions&, ReductionMemory<double>&);

} // namespace fa::aggregation
