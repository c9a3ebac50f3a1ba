#include "diagnostics/draws.hpp"

#include "diagnostics/gamma_kernel.hpp"
#include "diagnostics/orthogonal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

using jobs::Distribution;

void check_layer(const DrawSpec& spec, std::size_t layer)
{
    if (spec.widths[layer] < 1)
        throw std::invalid_argument(fmt::format("layer {} has width {}", layer, spec.widths[layer]));
    if (spec.shared && spec.widths[layer] != spec.widths.front())
        throw std::invalid_argument(
            fmt::format("one feedback matrix for all layers needs equal widths, but layer 0 has "
                        "{} and layer {} has {}",
                        spec.widths.front(), layer, spec.widths[layer]));
    if (spec.distribution == Distribution::permute) {
        const at::Tensor& stored = spec.permuted.at(layer);
        if (stored.dim() != 2 || stored.size(0) != spec.widths[layer] || stored.size(1) != spec.classes)
            throw std::invalid_argument(
                fmt::format("feedback.{} cannot be shuffled: its shape is not [{}, {}]", layer,
                            spec.widths[layer], spec.classes));
        if (!(stored.abs().max().item<double>() <= largest_feedback_scale))
            throw std::invalid_argument(
                fmt::format("feedback.{} cannot be shuffled: it has entries that are not finite or beyond {}",
                            layer, largest_feedback_scale));
        return;
    }
    const double scale = spec.scale[layer];
    if (!(scale >= smallest_feedback_scale && scale <= largest_feedback_scale))
        throw std::invalid_argument(
            fmt::format("layer {}: feedback of standard deviation {} cannot be drawn; it must "
                        "lie between {} and {}",
                        layer, scale, smallest_feedback_scale, largest_feedback_scale));
}

void check(const DrawSpec& spec)
{
    if (spec.classes < 1)
        throw std::invalid_argument("fresh feedback needs at least one class");
    const bool permute = spec.distribution == Distribution::permute;
    if (!permute && spec.scale.size() != spec.widths.size())
        throw std::invalid_argument(fmt::format("fresh feedback of {} layers needs as many scales, not {}",
                                                spec.widths.size(), spec.scale.size()));
    if (permute && spec.permuted.size() != spec.widths.size())
        throw std::invalid_argument(fmt::format("permute needs the {} stored feedback matrices, not {}",
                                                spec.widths.size(), spec.permuted.size()));
    for (std::size_t layer = 0; layer < spec.widths.size(); ++layer)
        check_layer(spec, layer);
}

random::Stream stream_of(const DrawSpec& spec, std::int64_t index, std::int64_t layer)
{
    if (index < 0 || index > std::numeric_limits<std::uint32_t>::max())
        throw std::out_of_range(fmt::format("there is no draw {}", index));
    if (layer < 0 || layer >= static_cast<std::int64_t>(spec.widths.size()))
        throw std::out_of_range(fmt::format("there is no layer {}", layer));
    const bool permute = spec.distribution == Distribution::permute;
    return {.seed = spec.seed,
            .purpose = permute ? random::Purpose::permute : random::Purpose::fresh,
            .draw = static_cast<std::uint32_t>(index),
            .layer = spec.shared ? 0U : static_cast<std::uint32_t>(layer)};
}

/// The order that sorts 64-bit keys; ties (none are likely) by position.
std::vector<std::int64_t> random_order(const random::Stream& stream, std::size_t count)
{
    std::vector<std::uint32_t> words(2 * count);
    random::fill_words(stream, 0, words);
    std::vector<std::uint64_t> key(count);
    for (std::size_t k = 0; k < count; ++k)
        key[k] = std::uint64_t{words[2 * k]} << 32 | words[2 * k + 1];
    std::vector<std::int64_t> order(count);
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        return key[static_cast<std::size_t>(a)] < key[static_cast<std::size_t>(b)];
    });
    return order;
}

void shuffle_into(const at::Tensor& stored, const random::Stream& stream, std::span<float> out)
{
    const at::Tensor entries = stored.to(at::kCPU, at::kFloat).contiguous();
    const float* from = entries.const_data_ptr<float>();
    const std::vector<std::int64_t> order = random_order(stream, out.size());
    std::transform(order.begin(), order.end(), out.begin(), [&](std::int64_t k) { return from[k]; });
}

std::span<float> entries_of(at::Tensor& tensor)
{
    return {tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// Distributions whose elements don't depend on each other: elements first … of any range.
void fill_elements(Distribution distribution, const random::Stream& stream, std::uint64_t first, double scale,
                   std::span<float> out)
{
    switch (distribution) {
    case Distribution::normal:
        return random::fill_normal(stream, first, scale, out);
    case Distribution::uniform:
        return random::fill_uniform(stream, first, scale, out);
    case Distribution::rademacher:
        return random::fill_rademacher(stream, first, scale, out);
    case Distribution::orthogonal:
    case Distribution::permute:
        break;
    }
    throw std::logic_error("elements of this distribution depend on each other");
}

/// `rows` rows of C floats into the columns of one draw.
void copy_rows(const float* from, std::int64_t rows, std::int64_t classes, float* to, std::int64_t stride)
{
    for (std::int64_t i = 0; i < rows; ++i)
        std::copy_n(from + i * classes, classes, to + i * stride);
}

/// Draw `index` of a checked spec.
at::Tensor checked_draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer)
{
    const random::Stream stream = stream_of(spec, index, layer);
    const auto source = static_cast<std::size_t>(spec.shared ? 0 : layer);
    at::Tensor matrix = at::empty({spec.widths[source], spec.classes}, at::kFloat);
    if (spec.distribution == Distribution::permute)
        shuffle_into(spec.permuted[source], stream, entries_of(matrix));
    else
        fill_matrix(spec.distribution, stream, spec.widths[source], spec.classes, spec.scale[source],
                    entries_of(matrix));
    return matrix;
}

/// Writes one draw of one layer to column r·C of `columns` ([d, R_b·C]).
void write_draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer, at::Tensor& columns,
                std::int64_t r)
{
    const std::int64_t width = columns.size(0), stride = columns.size(1), classes = spec.classes;
    float* to = columns.mutable_data_ptr<float>() + r * classes;
    if (spec.distribution == Distribution::orthogonal || spec.distribution == Distribution::permute) {
        const at::Tensor whole = checked_draw(spec, index, layer);
        return copy_rows(whole.const_data_ptr<float>(), width, classes, to, stride);
    }
    // A few rows at a time through a buffer that stays in cache; a multiple of 4 rows starts at a block of
    // words.
    const std::int64_t rows_at_once = std::max<std::int64_t>(4, 8192 / classes / 4 * 4);
    std::vector<float> buffer(static_cast<std::size_t>(std::min(rows_at_once, width) * classes));
    const random::Stream stream = stream_of(spec, index, layer);
    const double scale = spec.scale[static_cast<std::size_t>(spec.shared ? 0 : layer)];
    for (std::int64_t row = 0; row < width; row += rows_at_once) {
        const std::int64_t rows = std::min(rows_at_once, width - row);
        fill_elements(spec.distribution, stream, static_cast<std::uint64_t>(row * classes), scale,
                      std::span(buffer).first(static_cast<std::size_t>(rows * classes)));
        copy_rows(buffer.data(), rows, classes, to + row * stride, stride);
    }
}

/// Squared length of each draw's longest column, [R].
at::Tensor longest_columns(const at::Tensor& columns, std::int64_t classes)
{
    at::Tensor squares = at::empty({columns.size(1)}, at::kFloat);
    gamma_kernel().column_squares(columns.const_data_ptr<float>(), columns.size(0), columns.size(1),
                                  squares.mutable_data_ptr<float>());
    return squares.view({-1, classes}).amax(1);
}

} // namespace

void fill_matrix(Distribution distribution, const random::Stream& stream, std::int64_t rows,
                 std::int64_t columns, double scale, std::span<float> out)
{
    if (distribution == Distribution::permute)
        throw std::invalid_argument("feedback_distribution=permute shuffles matrices, it cannot make them");
    if (distribution == Distribution::orthogonal)
        random::fill_orthogonal(stream, rows, columns, scale, out);
    else
        fill_elements(distribution, stream, 0, scale, out);
}

at::Tensor draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer)
{
    check(spec);
    return checked_draw(spec, index, layer);
}

DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws)
{
    check(spec);
    DrawBlock block{.draws = draws, .classes = spec.classes, .columns = {}, .gram = {}, .largest = {}};
    const auto layers = static_cast<std::int64_t>(spec.widths.size());
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        if (spec.shared && layer > 0) {
            block.columns.push_back(block.columns.front());
            block.gram.push_back(block.gram.front());
            block.largest.push_back(block.largest.front());
            continue;
        }
        const std::int64_t width = spec.widths[static_cast<std::size_t>(layer)];
        at::Tensor columns = at::empty({width, draws.size() * spec.classes}, at::kFloat);
        for (std::int64_t r = 0; r < draws.size(); ++r)
            write_draw(spec, draws.begin + r, layer, columns, r);
        block.largest.push_back(longest_columns(columns, spec.classes));
        block.gram.push_back(gram_is_cheaper(width, spec.classes) ? packed_gram(columns, spec.classes)
                                                                  : at::Tensor{});
        block.columns.push_back(std::move(columns));
    }
    return block;
}

bool gram_is_cheaper(std::int64_t width, std::int64_t classes) noexcept
{
    return classes <= width && classes * classes <= 4 * width;
}

at::Tensor packed_gram(const at::Tensor& columns, std::int64_t classes)
{
    const std::int64_t draws = columns.size(1) / classes;
    at::Tensor packed = at::empty({classes * (classes + 1) / 2, draws}, at::kFloat);
    at::Tensor scratch = at::empty({gram_scratch(classes)}, at::kFloat);
    gamma_kernel().gram(columns.const_data_ptr<float>(), columns.size(0), draws, classes,
                        scratch.mutable_data_ptr<float>(), packed.mutable_data_ptr<float>());
    return packed;
}

at::Tensor packed_squares(const at::Tensor& error)
{
    const std::int64_t rows = error.size(0), classes = error.size(1);
    at::Tensor products = at::empty({rows, classes * (classes + 1) / 2}, at::kFloat);
    gamma_kernel().pair_products(error.const_data_ptr<float>(), rows, classes,
                                 products.mutable_data_ptr<float>());
    return products;
}

} // namespace fa::diagnostics
