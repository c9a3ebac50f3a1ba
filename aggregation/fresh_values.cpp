#include "aggregation/fresh_values.hpp"

#include "aggregation/statistics.hpp"
#include "aggregation/strategy_evaluation.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fa::aggregation {
namespace {

constexpr std::uint64_t block_bytes = 64U << 20U; ///< of Γ: what is in memory at a time

/// One dataset of Γ_fresh with the member of the view it fills, read in blocks of draws.
struct Source {
    const char* dataset;
    std::span<const float> FreshGammaView::* member;
    std::uint64_t per_draw = 0;
    std::vector<float> block;
};

std::vector<Source> sources_of(const store::RunReader& run)
{
    static constexpr std::array<std::pair<const char*, std::span<const float> FreshGammaView::*>, 9> all{{
        {"gamma/fresh", &FreshGammaView::samples},
        {"gamma/fresh_mean", &FreshGammaView::batch_mean},
        {"gamma/fresh_median", &FreshGammaView::batch_median},
        {"gamma/fresh_iqm", &FreshGammaView::batch_iqm},
        {"gamma/fresh_angle", &FreshGammaView::batch_angle},
        {"gamma/fresh_count", &FreshGammaView::batch_count},
        {"gamma/batchvec_fresh", &FreshGammaView::batchvec},
        {"gamma/flat_fresh", &FreshGammaView::flat},
        {"gamma/concat_fresh", &FreshGammaView::concat},
    }};
    std::vector<Source> sources;
    for (const auto& [dataset, member] : all) {
        if (!run.has(dataset)) {
            continue;
        }
        const auto shape = run.shape(dataset);
        std::uint64_t per_draw = 1;
        for (std::size_t axis = 1; axis < shape.size(); ++axis) {
            per_draw *= shape[axis];
        }
        sources.push_back({dataset, member, per_draw, {}});
    }
    return sources;
}

FreshGammaView empty_view(const store::RunAttributes& attributes)
{
    FreshGammaView view;
    view.batches = attributes.batches;
    view.batch_size = attributes.batch_size;
    view.layers = attributes.layers();
    return view;
}

/// Calls visit(draw, view) for each draw, in order.
template <typename Visit>
void for_each_draw(const store::RunReader& run, std::vector<Source> sources, Visit visit)
{
    const auto draws = static_cast<std::uint64_t>(run.attributes().draws);
    std::uint64_t per_draw = 1;
    for (const auto& source : sources) {
        per_draw += source.per_draw;
    }
    const auto rows = std::clamp<std::uint64_t>(block_bytes / (per_draw * sizeof(float)), 1,
                                                std::max<std::uint64_t>(draws, 1));
    auto view = empty_view(run.attributes());
    for (std::uint64_t first = 0; first < draws; first += rows) {
        const auto count = std::min(rows, draws - first);
        for (auto& source : sources) {
            source.block = run.read_rows<float>(source.dataset, first, count);
        }
        for (std::uint64_t draw = 0; draw < count; ++draw) {
            for (const auto& source : sources) {
                view.*source.member =
                    std::span(source.block).subspan(draw * source.per_draw, source.per_draw);
            }
            visit(first + draw, view);
        }
    }
}

} // namespace

FreshValues fresh_values(const store::RunReader& run, std::span<const Strategy> strategies,
                         const StrategyValues& cached)
{
    const auto draws = static_cast<std::size_t>(run.attributes().draws);
    const auto layers = static_cast<std::size_t>(run.attributes().layers());
    const auto sources = draws == 0 ? std::vector<Source>{} : sources_of(run);
    auto shape = empty_view(run.attributes());
    const std::vector<float> something(1);
    for (const auto& source : sources) {
        shape.*source.member = something; // computable() asks only what is there
    }

    FreshValues result;
    std::vector<std::size_t> missing; // strategies to compute
    const auto from_cache = [&](const std::string& key) -> const std::vector<double>* {
        const auto found = cached.find(key);
        return found != cached.end() && found->second.size() == draws ? &found->second : nullptr;
    };
    for (std::size_t i = 0; i < strategies.size(); ++i) {
        const auto* const known = from_cache(strategies[i].text());
        const bool computable = strategies[i].computable(shape);
        result.computable.push_back(known != nullptr || computable);
        result.strategies.push_back(known != nullptr ? *known : std::vector<double>(draws, undefined));
        if (known == nullptr && computable) {
            missing.push_back(i);
        }
    }
    bool layers_missing = false;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        const auto* const known = from_cache(layer_key(layer));
        result.layers.push_back(known != nullptr ? *known : std::vector<double>(draws, undefined));
        layers_missing = layers_missing || known == nullptr;
    }
    layers_missing = layers_missing && (!shape.samples.empty() || !shape.batch_mean.empty());
    if (missing.empty() && !layers_missing) {
        return result;
    }

    std::vector<Strategy> asked;
    for (const auto i : missing) {
        asked.push_back(strategies[i]);
    }
    StrategyEvaluation evaluate(asked);
    for_each_draw(run, sources, [&](std::size_t draw, const FreshGammaView& view) {
        const auto values = evaluate(view);
        for (std::size_t i = 0; i < missing.size(); ++i) {
            result.strategies[missing[i]][draw] = values.strategies[i];
        }
        for (std::size_t layer = 0; layers_missing && layer < layers; ++layer) {
            result.layers[layer][draw] = values.layer_means[layer];
        }
    });
    for (const auto i : missing) {
        result.computed[strategies[i].text()] = result.strategies[i];
    }
    for (std::size_t layer = 0; layers_missing && layer < layers; ++layer) {
        result.computed[layer_key(layer)] = result.layers[layer];
    }
    return result;
}

} // namespace fa::aggregation
