#include "aggregation/bootstrap.hpp"

#include "aggregation/statistics.hpp"
#include "diagnostics/philox.hpp"

#include <algorithm>

namespace fa::aggregation {
namespace {

constexpr std::uint64_t bootstrap_seed = 0;

/// Rows [batch · rows_per_batch, …) of the batches drawn, each row `width` long.
void gather(std::span<const double> from, std::span<const std::size_t> batches, std::size_t per_batch,
            std::vector<double>& to)
{
    to.clear();
    if (from.empty()) {
        return;
    }
    for (const auto batch : batches) {
        const auto begin = from.begin() + static_cast<std::ptrdiff_t>(batch * per_batch);
        to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(per_batch));
    }
}

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

Replicates over_draws(std::span<const double> values, std::size_t replicates)
{
    Replicates result;
    if (values.empty()) {
        return result;
    }
    result.reserve(replicates);
    std::vector<double> drawn(values.size());
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        const auto indices = resampled(replicate, Factor::draws, values.size());
        std::transform(indices.begin(), indices.end(), drawn.begin(),
                       [&](std::size_t i) { return values[i]; });
        result.push_back(mean(drawn));
    }
    return result;
}

std::vector<Replicates> over_batches(std::span<const Strategy> strategies, const GammaView& view,
                                     std::size_t replicates)
{
    std::vector<Replicates> result(strategies.size());
    const auto layers = static_cast<std::size_t>(view.layers);
    const auto batch_size = static_cast<std::size_t>(view.batch_size);
    std::vector<double> samples, batchvec, flat, concat;
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        const auto batches = resampled(replicate, Factor::batches, static_cast<std::size_t>(view.batches));
        gather(view.samples, batches, batch_size * layers, samples);
        gather(view.batchvec, batches, layers, batchvec);
        gather(view.flat, batches, layers, flat);
        gather(view.concat, batches, batch_size, concat);
        GammaView drawn;
        drawn.batches = view.batches;
        drawn.batch_size = view.batch_size;
        drawn.layers = view.layers;
        drawn.samples = samples;
        drawn.batchvec = batchvec;
        drawn.flat = flat;
        drawn.concat = concat;
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            result[i].push_back(strategies[i](drawn));
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
