#include "diagnostics/gamma_summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

namespace fa::diagnostics {
namespace {

double mean_of(std::span<const double> values)
{
    double sum = 0.0;
    for (const double value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

/// Mean of the middle two for an even count (design 3).
double median_of(std::span<const double> sorted)
{
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
}

/// Mean of what is left after ⌊n/4⌋ values at each end.
double interquartile_mean_of(std::span<const double> sorted)
{
    const std::size_t dropped = sorted.size() / 4;
    return mean_of(sorted.subspan(dropped, sorted.size() - 2 * dropped));
}

/// Mean, median, interquartile mean, mean angle in radians, count, in that order.
std::array<float, 5> summary_of(std::vector<double>& defined)
{
    constexpr float none = std::numeric_limits<float>::quiet_NaN();
    if (defined.empty())
        return {none, none, none, none, 0.0F};
    const double mean = mean_of(defined);
    double angles = 0.0;
    for (const double gamma : defined)
        angles += std::acos(std::clamp(gamma, -1.0, 1.0));
    std::sort(defined.begin(), defined.end());
    return {static_cast<float>(mean), static_cast<float>(median_of(defined)),
            static_cast<float>(interquartile_mean_of(defined)),
            static_cast<float>(angles / static_cast<double>(defined.size())),
            static_cast<float>(defined.size())};
}

} // namespace

BatchSummary summarise(const at::Tensor& gamma)
{
    if (gamma.dim() != 3 || gamma.scalar_type() != at::kFloat)
        throw std::invalid_argument("a summary needs float32 values of shape [draws, samples, layers]");
    const std::int64_t draws = gamma.size(0), samples = gamma.size(1), layers = gamma.size(2);
    const at::Tensor values = gamma.contiguous();
    const float* from = values.const_data_ptr<float>();
    std::array<at::Tensor, 5> columns;
    for (at::Tensor& column : columns)
        column = at::empty({draws, layers}, at::kFloat);
    std::vector<double> defined;
    for (std::int64_t r = 0; r < draws; ++r) {
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            defined.clear();
            for (std::int64_t i = 0; i < samples; ++i) {
                const float value = from[(r * samples + i) * layers + layer];
                if (!std::isnan(value))
                    defined.push_back(static_cast<double>(value));
            }
            const std::array<float, 5> summary = summary_of(defined);
            for (std::size_t k = 0; k < columns.size(); ++k)
                columns[k].mutable_data_ptr<float>()[r * layers + layer] = summary[k];
        }
    }
    return {.mean = columns[0],
            .median = columns[1],
            .iqm = columns[2],
            .angle = columns[3],
            .count = columns[4]};
}

} // namespace fa::diagnostics
