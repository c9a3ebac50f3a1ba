#include "aggregation/bootstrap.hpp"

#include "aggregation/statistics.hpp"
#include "diagnostics/normal.hpp"

#include <algorithm>
#include <array>

namespace fa::aggregation {
namespace {

constexpr std::uint64_t bootstrap_seed = 0;

constexpr std::size_t together = 8; ///< columns whose sums stay in registers

/// All strategies of a draw side by side, so that to draw it is to add one row. Rows are filled up with
/// zeros.
struct DrawRows {
    DrawRows(std::span<const std::vector<double>> strategies, std::size_t draws)
        : width((strategies.size() + together - 1) / together * together), values(draws * width),
          defined(draws * width)
    {
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            for (std::size_t draw = 0; draw < draws; ++draw) {
                const double value = strategies[i][draw];
                const bool is_defined = value == value;
                values[draw * width + i] = is_defined ? value : 0.0;
                defined[draw * width + i] = is_defined ? 1.0 : 0.0;
                all_defined = all_defined && is_defined;
            }
        }
    }

    /// Sums of the rows drawn, [width].
    void sum(const std::vector<double>& rows, std::span<const std::uint32_t> drawn,
             std::span<double> to) const
    {
        for (std::size_t first = 0; first < width; first += together) {
            std::array<double, together> sums{};
            for (const auto draw : drawn) {
                const double* const row = rows.data() + draw * width + first;
                for (std::size_t i = 0; i < together; ++i) {
                    sums[i] += row[i];
                }
            }
            std::copy(sums.begin(), sums.end(), to.begin() + static_cast<std::ptrdiff_t>(first));
        }
    }

    std::size_t width;
    std::vector<double> values, defined; ///< [R, width]; 0 where undefined, and 1 or 0
    bool all_defined = true;
};

} // namespace

std::vector<std::uint32_t> resampled(std::uint32_t replicate, Factor factor, std::size_t count)
{
    std::vector<std::uint32_t> indices(count);
    random::fill_words({.seed = bootstrap_seed,
                        .purpose = random::bootstrap,
                        .draw = replicate,
                        .layer = static_cast<std::uint32_t>(factor)},
                       0, indices);
    for (auto& index : indices) {
        index = static_cast<std::uint32_t>((std::uint64_t{index} * count) >> 32); // ⌊u · count⌋, in integers
    }
    return indices;
}

std::vector<Replicates> over_draws(std::span<const std::vector<double>> values, std::size_t replicates)
{
    std::vector<Replicates> result(values.size());
    const auto draws = values.empty() ? 0 : values.front().size();
    if (draws == 0) {
        return result;
    }
    const DrawRows rows(values, draws);
    std::vector<double> sum(rows.width), defined(rows.width);
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        const auto drawn = resampled(replicate, Factor::draws, draws);
        rows.sum(rows.values, drawn, sum);
        if (rows.all_defined) {
            std::fill(defined.begin(), defined.end(), static_cast<double>(draws));
        } else {
            rows.sum(rows.defined, drawn, defined);
        }
        for (std::size_t i = 0; i < result.size(); ++i) {
            result[i].push_back(defined[i] > 0 ? sum[i] / defined[i] : undefined);
        }
    }
    return result;
}

BootstrapInterval interval_of(std::span<const double> replicates)
{
    const auto ends = quantiles(replicates, {0.025, 0.975});
    return {ends[0], ends[1]};
}

Replicates over_seeds(std::span<const Replicates> runs, Factor factor)
{
    Replicates means;
    if (runs.size() < 2) {
        return means;
    }
    std::vector<double> drawn(runs.size());
    for (std::uint32_t replicate = 0; replicate < runs.front().size(); ++replicate) {
        const auto seeds = resampled(replicate, factor, runs.size());
        std::transform(seeds.begin(), seeds.end(), drawn.begin(), [&](std::uint32_t i) {
            return replicate < runs[i].size() ? runs[i][replicate] : undefined;
        });
        means.push_back(mean(drawn));
    }
    return means;
}

} // namespace fa::aggregation
