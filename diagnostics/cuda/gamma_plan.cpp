#include "diagnostics/cuda/gamma_plan.hpp"

#include <algorithm>

namespace fa::diagnostics::device {
namespace {

constexpr std::int64_t row_multiple = 32;

std::int64_t filled_up(std::int64_t rows)
{
    return (rows + row_multiple - 1) / row_multiple * row_multiple;
}

/// Bytes that a row takes while its window is measured.
std::int64_t bytes_per_row(const GammaPlan& plan)
{
    const std::int64_t draws = plan.most_draws;
    if (plan.chain) // two layers' credit, n and q
        return 8 * draws * (2 * plan.widest() + 2 * plan.layer_count());
    const std::int64_t gram = plan.gram_layers();
    std::int64_t widest_direct = 0;
    for (const auto& layer : plan.layers)
        widest_direct = std::max(widest_direct, layer.gram ? 0 : layer.width);
    const std::int64_t pairs = gram > 0 && !plan.keep_pairs ? plan.pairs() : 0;
    const std::int64_t of_draw =
        gram * (plan.classes() + plan.pair_pieces()) + widest_direct + 2 * plan.layer_count();
    return 4 * (draws * of_draw + pairs);
}

} // namespace

std::int64_t GammaPlan::units() const
{
    return layers.back().first_unit + layers.back().width;
}

std::int64_t GammaPlan::entries() const
{
    const auto& last = layers.back();
    return last.first_entry + last.width * last.columns;
}

std::int64_t GammaPlan::widest() const
{
    std::int64_t width = 0;
    for (const auto& layer : layers)
        width = std::max(width, layer.width);
    return width;
}

std::int64_t GammaPlan::largest_matrix() const
{
    std::int64_t entries = 0;
    for (const auto& layer : layers)
        entries = std::max(entries, layer.width * layer.columns);
    return entries;
}

std::int64_t GammaPlan::gram_layers() const
{
    return std::count_if(layers.begin(), layers.end(), [](const auto& layer) { return layer.gram; });
}

std::int64_t GammaPlan::batches_in(std::int64_t window) const
{
    return std::min(window_batches, batches - window * window_batches);
}

std::int64_t GammaPlan::rows(std::int64_t window) const
{
    return filled_up(batches_in(window) * (samples + 1));
}

std::int64_t GammaPlan::first_row(std::int64_t window) const
{
    const std::int64_t whole = std::min(window, batches / window_batches);
    return whole * filled_up(window_batches * (samples + 1)) + (window > whole ? rows(whole) : 0);
}

void cut(GammaPlan& plan, std::int64_t window_bytes)
{
    std::int64_t unit = 0, entry = 0, table = 0;
    for (auto& layer : plan.layers) {
        layer.first_unit = unit;
        layer.first_entry = plan.shared ? 0 : entry;
        layer.gram = !plan.chain && layer.columns <= layer.width;
        unit += layer.width;
        entry += layer.width * layer.columns;
    }
    for (const bool gram : {true, false})
        for (auto& layer : plan.layers)
            if (layer.gram == gram)
                layer.table = table++;
    const std::int64_t batch_rows = plan.samples + 1;
    plan.keep_pairs = 4 * plan.pairs() * plan.batches * (batch_rows + row_multiple) <=
                      window_bytes / 2; // however it is cut
    plan.window_batches =
        std::clamp<std::int64_t>(window_bytes / (bytes_per_row(plan) * batch_rows), 1, plan.batches);
}

} // namespace fa::diagnostics::device
