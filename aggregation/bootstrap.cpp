#include "aggregation/bootstrap.hpp"

#include "aggregation/statistics.hpp"
#include "diagnostics/philox.hpp"

#include <algorithm>

namespace fa::aggregation {
namespace {

constexpr std::uint64_t bootstrap_seed = 0;

} // namespace

std::vector<std::size_t> resampled(std::uint32_t replicate, Factor factor, std::size_t count)
{
    std::vector<std::size_t> indices(count);
    for (std::size_t first = 0; first < count; first += 4) {
        const auto words =
            random::philox(bootstrap_seed, random::bootstrap, replicate, static_cast<std::uint32_t>(factor),
                           static_cast<std::uint32_t>(first / 4));
        for (std::size_t i = first; i < std::min(first + 4, count); ++i) {
            // ⌊u · count⌋ of the 32-bit fraction u, in integers.
            indices[i] = static_cast<std::size_t>((std::uint64_t{words[i - first]} * count) >> 32);
        }
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
    // All strategies of a draw side by side, undefined ones as zeros: a drawn draw is then one row to add.
    const auto count = values.size();
    std::vector<double> rows(draws * count), defined(draws * count);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t draw = 0; draw < draws; ++draw) {
            const double value = values[i][draw];
            const bool is_defined = value == value;
            rows[draw * count + i] = is_defined ? value : 0.0;
            defined[draw * count + i] = is_defined ? 1.0 : 0.0;
        }
        result[i].reserve(replicates);
    }
    std::vector<double> sum(count), of(count);
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        std::fill(sum.begin(), sum.end(), 0.0);
        std::fill(of.begin(), of.end(), 0.0);
        for (const auto draw : resampled(replicate, Factor::draws, draws)) {
            for (std::size_t i = 0; i < count; ++i) {
                sum[i] += rows[draw * count + i];
                of[i] += defined[draw * count + i];
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            result[i].push_back(of[i] > 0 ? sum[i] / of[i] : undefined);
        }
    }
    return result;
}

BootstrapInterval over_seeds(std::span<const Replicates> runs)
{
    if (runs.size() < 2) {
        return {undefined, undefined};
    }
    std::vector<double> means;
    std::vector<double> drawn(runs.size());
    for (std::uint32_t replicate = 0; replicate < runs.front().size(); ++replicate) {
        const auto seeds = resampled(replicate, Factor::seeds, runs.size());
        std::transform(seeds.begin(), seeds.end(), drawn.begin(), [&](std::size_t i) {
            return replicate < runs[i].size() ? runs[i][replicate] : undefined;
        });
        means.push_back(mean(drawn));
    }
    return {quantile(means, 0.025), quantile(means, 0.975)};
}

} // namespace fa::aggregation
