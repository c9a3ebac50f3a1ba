#include "aggregation/sorted_column.hpp"

#include "aggregation/statistics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace fa::aggregation {
namespace {

constexpr std::size_t few = 48; ///< below it, comparing is cheaper than counting 256 digits
constexpr std::size_t digits = 256;

/// Positive numbers get the sign bit, so that they come behind the negative ones, whose order is turned.
template <typename Key>
Key flipped(Key bits)
{
    constexpr int sign = 8 * sizeof(Key) - 1;
    return bits ^ ((Key{0} - (bits >> sign)) | Key{1} << sign);
}

template <typename Key>
Key unflipped(Key key)
{
    constexpr int sign = 8 * sizeof(Key) - 1;
    return key ^ (((key >> sign) - Key{1}) | Key{1} << sign);
}

} // namespace

template <typename Number>
std::span<const Number> ColumnSorter<Number>::sorted(const Number* first, std::size_t count,
                                                     std::size_t stride)
{
    values_.resize(count);
    std::size_t defined = 0;
    for (std::size_t n = 0; n < count; ++n, first += stride) {
        values_[defined] = *first;
        defined += *first == *first ? 1U : 0U;
    }
    const std::span<Number> kept(values_.data(), defined);
    if (defined < few) {
        std::sort(kept.begin(), kept.end());
        return kept;
    }
    keys_.resize(defined);
    other_keys_.resize(defined);
    std::transform(kept.begin(), kept.end(), keys_.begin(),
                   [](Number value) { return flipped(std::bit_cast<Key>(value)); });
    sort_keys(defined);
    std::transform(keys_.begin(), keys_.end(), kept.begin(),
                   [](Key key) { return std::bit_cast<Number>(unflipped(key)); });
    return kept;
}

/// keys_ by their bytes, the lowest first; each pass keeps the order of equal bytes.
template <typename Number>
void ColumnSorter<Number>::sort_keys(std::size_t count)
{
    std::array<std::array<std::uint32_t, digits>, sizeof(Key)> places{};
    for (const Key key : keys_) {
        for (std::size_t byte = 0; byte < sizeof(Key); ++byte) {
            ++places[byte][key >> 8 * byte & 0xFF];
        }
    }
    for (std::size_t byte = 0; byte < sizeof(Key); ++byte) {
        auto& place = places[byte];
        if (place[keys_.front() >> 8 * byte & 0xFF] == count) {
            continue; // all have the same
        }
        std::exclusive_scan(place.begin(), place.end(), place.begin(), std::uint32_t{0});
        for (const Key key : keys_) {
            other_keys_[place[key >> 8 * byte & 0xFF]++] = key;
        }
        keys_.swap(other_keys_);
    }
}

template <typename Number>
double median_of_sorted(std::span<const Number> sorted)
{
    if (sorted.empty()) {
        return undefined;
    }
    const auto middle = sorted.size() / 2;
    const auto upper = static_cast<double>(sorted[middle]);
    return sorted.size() % 2 == 1 ? upper : (static_cast<double>(sorted[middle - 1]) + upper) / 2;
}

template <typename Number>
double interquartile_mean_of_sorted(std::span<const Number> sorted)
{
    if (sorted.empty()) {
        return undefined;
    }
    const auto dropped = sorted.size() / 4;
    const auto kept = sorted.subspan(dropped, sorted.size() - 2 * dropped);
    return std::accumulate(kept.begin(), kept.end(), 0.0) / static_cast<double>(kept.size());
}

template class ColumnSorter<float>;
template class ColumnSorter<double>;
template double median_of_sorted(std::span<const float>);
template double median_of_sorted(std::span<const double>);
template double interquartile_mean_of_sorted(std::span<const float>);
template double interquartile_mean_of_sorted(std::span<const double>);

} // namespace fa::aggregation
