#pragma once
/// Fresh draws on the device: the CPU's bits (diagnostics/draws.hpp), made by the same arithmetic.

#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/cuda/tables.hpp"
#include "diagnostics/philox.hpp"
#include "diagnostics/random_arithmetic.hpp"

#include <cstdint>

namespace fa::diagnostics::device {

/// Four entries of one draw from one block of words.
FA_INTERNAL void entries_of_block(DrawKind kind, const random::PhiloxBlock& block, double scale,
                                  float* entries)
{
    if (kind == DrawKind::normal) {
        for (int half = 0; half < 2; ++half) {
            const double length = random::radius(block.word[2 * half]);
            const random::Direction unit = random::direction(block.word[2 * half + 1]);
            entries[2 * half] = static_cast<float>(length * unit.cosine * scale);
            entries[2 * half + 1] = static_cast<float>(length * unit.sine * scale);
        }
    } else if (kind == DrawKind::uniform) {
        for (int k = 0; k < 4; ++k)
            entries[k] = random::scaled_uniform(block.word[k], scale);
    } else {
        const auto magnitude = static_cast<float>(scale);
        for (int k = 0; k < 4; ++k)
            entries[k] = (block.word[k] & 1U) != 0 ? magnitude : -magnitude;
    }
}

/// Draws first_draw … of some layers. Index: (layer, draw, block of words), the last innermost.
///
/// Entry (i, j) of the r-th goes to draws[R·first_entry + i·row_stride + r·draw_stride + j]; the strides are
/// R·C and C (all draws of a layer side by side, for direct rules, whose C is that of every layer) or columns
/// and width·columns (one after the other: `stacked`).
template <typename Real>
struct MakeDraws {
    DrawKind kind;
    std::uint64_t seed;
    const PlannedLayer* layers; ///< on the device
    std::int64_t first_draw, draws;
    std::int64_t most_blocks; ///< of the largest of the layers
    bool stacked;
    Real* out;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        Places places(index);
        const std::int64_t block = places.next(most_blocks), r = places.next(draws);
        const PlannedLayer& layer = layers[places.rest];
        const std::int64_t columns = layer.columns, count = layer.width * columns;
        if (4 * block >= count)
            return;
        const auto words =
            random::philox_block(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                 static_cast<std::uint32_t>(block), layer.stream,
                                 static_cast<std::uint32_t>(first_draw + r), random::fresh);
        float entries[4];
        entries_of_block(kind, words, layer.scale, entries);
        Real* to = out + (stacked ? r * count : draws * layer.first_entry + r * columns);
        const std::int64_t row_stride = stacked ? columns : draws * columns;
        std::int64_t i = 4 * block / columns, j = 4 * block % columns;
        for (std::int64_t k = 0; k < 4 && 4 * block + k < count; ++k) {
            to[i * row_stride + j] = static_cast<Real>(entries[k]);
            if (++j == columns) {
                j = 0;
                ++i;
            }
        }
    }
};

/// All draws of a block as the direct rules have them, [layers, width, R·C].
/// @param layers  on the device
inline MakeDraws<float> joined_draws(const GammaPlan& plan, const PlannedLayer* layers, std::int64_t first,
                                     std::int64_t draws, float* out)
{
    return {.kind = plan.draws,
            .seed = plan.seed,
            .layers = layers,
            .first_draw = first,
            .draws = draws,
            .most_blocks = (plan.largest_matrix() + 3) / 4,
            .stacked = false,
            .out = out};
}

/// Threads that it takes.
inline std::int64_t joined_threads(const GammaPlan& plan, std::int64_t draws)
{
    return (plan.shared ? 1 : plan.layer_count()) * draws * ((plan.largest_matrix() + 3) / 4);
}

/// The same numbers as doubles.
struct Widen {
    const float* from;
    double* to;
    FA_HOST_DEVICE void operator()(std::int64_t index) const { to[index] = static_cast<double>(from[index]); }
};

} // namespace fa::diagnostics::device
