#include "diagnostics/draws.hpp"

#include "diagnostics/orthogonal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace fa::diagnostics {
namespace {

using jobs::Distribution;

void check_layer(const DrawSpec& spec, std::size_t layer)
{
    const auto [rows, columns] = spec.shapes[layer];
    if (rows < 1 || columns < 1)
        throw std::invalid_argument(
            fmt::format("layer {}: there is no feedback of shape [{}, {}]", layer, rows, columns));
    if (spec.shared && spec.shapes[layer] != spec.shapes.front())
        throw std::invalid_argument(fmt::format(
            "one feedback matrix for all layers needs equal shapes, but layer 0's is [{}, {}] and "
            "layer {}'s [{}, {}]",
            spec.shapes.front()[0], spec.shapes.front()[1], layer, rows, columns));
    if (spec.distribution == Distribution::permute) {
        const at::Tensor& stored = spec.permuted.at(layer);
        if (stored.sizes() != at::IntArrayRef(spec.shapes[layer]))
            throw std::invalid_argument(fmt::format(
                "feedback.{} cannot be shuffled: its shape is not [{}, {}]", layer, rows, columns));
        const double largest = stored.abs().max().item<double>();
        if (!(largest <= largest_feedback_scale))
            throw std::invalid_argument(
                fmt::format("feedback.{} cannot be shuffled: it has entries that are not finite or beyond {}",
                            layer, largest_feedback_scale));
        if (largest > 0.0 && largest < smallest_feedback_scale)
            throw std::invalid_argument(fmt::format(
                "feedback.{} cannot be shuffled: its largest entry, {}, is below {}, too small to "
                "be squared in float32",
                layer, largest, smallest_feedback_scale));
        return;
    }
    const double scale = spec.scale[layer];
    if (!(scale >= smallest_feedback_scale && scale <= largest_feedback_scale))
        throw std::invalid_argument(
            fmt::format("layer {}: feedback of standard deviation {} cannot be drawn; it must "
                        "lie between {} and {}",
                        layer, scale, smallest_feedback_scale, largest_feedback_scale));
}

random::Stream stream_of(const DrawSpec& spec, std::int64_t index, std::int64_t layer)
{
    if (index < 0 || index > std::numeric_limits<std::uint32_t>::max())
        throw std::out_of_range(fmt::format("there is no draw {}", index));
    if (layer < 0 || layer >= static_cast<std::int64_t>(spec.shapes.size()))
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
    std::vector<std::pair<std::uint64_t, std::int64_t>> keyed(count);
    for (std::size_t k = 0; k < count; ++k)
        keyed[k] = {std::uint64_t{words[2 * k]} << 32 | words[2 * k + 1], static_cast<std::int64_t>(k)};
    std::sort(keyed.begin(), keyed.end());
    std::vector<std::int64_t> order(count);
    std::transform(keyed.begin(), keyed.end(), order.begin(), [](const auto& entry) { return entry.second; });
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

/// Draw `index` of a checked spec into contiguous memory.
void fill_draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer, std::span<float> out)
{
    const random::Stream stream = stream_of(spec, index, layer);
    const auto source = static_cast<std::size_t>(spec.shared ? 0 : layer);
    if (spec.distribution == Distribution::permute)
        shuffle_into(spec.permuted[source], stream, out);
    else
        fill_matrix(spec.distribution, stream, spec.shapes[source], spec.scale[source], out);
}

/// `rows` rows of contiguous floats to rows that are `stride` apart.
void copy_rows(const float* from, std::int64_t rows, std::int64_t columns, float* to, std::int64_t stride)
{
    for (std::int64_t i = 0; i < rows; ++i)
        std::copy_n(from + i * columns, columns, to + i * stride);
}

/// A few rows at a time through a buffer that stays in cache.
void write_elements(const DrawSpec& spec, const random::Stream& stream, std::size_t layer, float* to,
                    std::int64_t row_stride, std::vector<float>& buffer)
{
    const auto [rows, columns] = spec.shapes[layer];
    // A multiple of 4 rows starts at a block of words.
    const std::int64_t rows_at_once = std::max<std::int64_t>(4, 8192 / columns / 4 * 4);
    buffer.resize(static_cast<std::size_t>(std::min(rows_at_once, rows) * columns));
    for (std::int64_t row = 0; row < rows; row += rows_at_once) {
        const std::int64_t some = std::min(rows_at_once, rows - row);
        fill_elements(spec.distribution, stream, static_cast<std::uint64_t>(row * columns), spec.scale[layer],
                      std::span(buffer).first(static_cast<std::size_t>(some * columns)));
        copy_rows(buffer.data(), some, columns, to + row * row_stride, row_stride);
    }
}

} // namespace

bool DrawSpec::operator==(const DrawSpec& other) const
{
    const auto same = [](const at::Tensor& a, const at::Tensor& b) { return at::equal(a, b); };
    return seed == other.seed && distribution == other.distribution && propagation == other.propagation &&
           shapes == other.shapes && scale == other.scale && shared == other.shared &&
           std::equal(permuted.begin(), permuted.end(), other.permuted.begin(), other.permuted.end(), same);
}

void check(const DrawSpec& spec)
{
    const bool permute = spec.distribution == Distribution::permute;
    if (!permute && spec.scale.size() != spec.shapes.size())
        throw std::invalid_argument(fmt::format("fresh feedback of {} layers needs as many scales, not {}",
                                                spec.shapes.size(), spec.scale.size()));
    if (permute && spec.permuted.size() != spec.shapes.size())
        throw std::invalid_argument(fmt::format("permute needs the {} stored feedback matrices, not {}",
                                                spec.shapes.size(), spec.permuted.size()));
    for (std::size_t layer = 0; layer < spec.shapes.size(); ++layer)
        check_layer(spec, layer);
}

void fill_matrix(Distribution distribution, const random::Stream& stream, models::MatrixShape shape,
                 double scale, std::span<float> out)
{
    if (distribution == Distribution::permute)
        throw std::invalid_argument("feedback_distribution=permute shuffles matrices, it cannot make them");
    if (distribution == Distribution::orthogonal)
        random::fill_orthogonal(stream, shape[0], shape[1], scale, out);
    else
        fill_elements(distribution, stream, 0, scale, out);
}

at::Tensor draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer)
{
    check(spec);
    stream_of(spec, index, layer); // refuses what there is not
    at::Tensor matrix = at::empty(spec.shapes[static_cast<std::size_t>(layer)], at::kFloat);
    fill_draw(spec, index, layer, entries_of(matrix));
    return matrix;
}

void write_draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer, float* to,
                std::int64_t row_stride, std::vector<float>& buffer)
{
    const auto source = static_cast<std::size_t>(spec.shared ? 0 : layer);
    const auto [rows, columns] = spec.shapes[source];
    const auto count = static_cast<std::size_t>(rows * columns);
    if (row_stride == columns)
        return fill_draw(spec, index, layer, {to, count});
    if (spec.distribution != Distribution::orthogonal && spec.distribution != Distribution::permute)
        return write_elements(spec, stream_of(spec, index, layer), source, to, row_stride, buffer);
    buffer.resize(count);
    fill_draw(spec, index, layer, buffer);
    copy_rows(buffer.data(), rows, columns, to, row_stride);
}

} // namespace fa::diagnostics
