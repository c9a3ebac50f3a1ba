#include "aggregation/batch_column.hpp"

#include "aggregation/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace fa::aggregation {
namespace {

constexpr std::size_t stride = 32; ///< entries between the places whose counts are known

template <typename Number>
Number weighted(const Number* by_batch, std::span<const std::uint32_t> times)
{
    Number total = 0;
    for (std::size_t batch = 0; batch < times.size(); ++batch) {
        total += by_batch[batch] * static_cast<Number>(times[batch]);
    }
    return total;
}

} // namespace

BatchColumn::BatchColumn(std::span<const double> values, std::size_t batches) : batches_(batches)
{
    const auto per_batch = values.size() / batches;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isnan(values[i])) {
            sorted_.push_back({values[i], static_cast<std::uint32_t>(i / per_batch)});
        }
    }
    std::sort(sorted_.begin(), sorted_.end(), [](const Entry& a, const Entry& b) {
        return a.value != b.value ? a.value < b.value : a.batch < b.batch;
    });
    std::vector<std::uint32_t> count(batches, 0);
    std::vector<double> sum(batches, 0.0);
    const auto note = [&] {
        counts_.insert(counts_.end(), count.begin(), count.end());
        sums_.insert(sums_.end(), sum.begin(), sum.end());
    };
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
        if (i % stride == 0) {
            note();
        }
        ++count[sorted_[i].batch];
        sum[sorted_[i].batch] += sorted_[i].value;
    }
    note();
}

std::uint64_t BatchColumn::size(std::span<const std::uint32_t> times) const
{
    return weighted(counts_.data() + counts_.size() - batches_, times);
}

BatchColumn::Place BatchColumn::place_of(std::uint64_t rank, std::span<const std::uint32_t> times) const
{
    // The last known place with at most `rank` values before it, then entry by entry.
    std::size_t low = 0, high = counts_.size() / batches_ - 1;
    while (high - low > 1) {
        const auto middle = (low + high) / 2;
        (weighted(counts_.data() + middle * batches_, times) <= rank ? low : high) = middle;
    }
    std::uint64_t before = weighted(counts_.data() + low * batches_, times);
    double sum = weighted(sums_.data() + low * batches_, times);
    const Entry* entry = sorted_.data() + low * stride;
    for (; before + times[entry->batch] <= rank; ++entry) {
        before += times[entry->batch];
        sum += entry->value * times[entry->batch];
    }
    return {entry->value, sum + entry->value * static_cast<double>(rank - before)};
}

double BatchColumn::mean(std::span<const std::uint32_t> times) const
{
    const auto count = size(times);
    const auto sum = weighted(sums_.data() + sums_.size() - batches_, times);
    return count > 0 ? sum / static_cast<double>(count) : undefined;
}

double BatchColumn::median(std::span<const std::uint32_t> times) const
{
    const auto count = size(times);
    if (count == 0) {
        return undefined;
    }
    const double upper = place_of(count / 2, times).value;
    return count % 2 == 1 ? upper : (place_of(count / 2 - 1, times).value + upper) / 2;
}

double BatchColumn::interquartile_mean(std::span<const std::uint32_t> times) const
{
    const auto count = size(times);
    if (count == 0) {
        return undefined;
    }
    const auto dropped = count / 4;
    const auto last = place_of(count - dropped - 1, times);
    const double sum = last.sum_before + last.value - place_of(dropped, times).sum_before;
    return sum / static_cast<double>(count - 2 * dropped);
}

} // namespace fa::aggregation
