#include "diagnostics/draw_block.hpp"

#include "diagnostics/gamma_kernel.hpp"

#include <algorithm>
#include <cmath>

namespace fa::diagnostics {
namespace {

/// A tensor of this shape, in its old memory where that suffices.
void fit(at::Tensor& tensor, at::IntArrayRef shape)
{
    if (tensor.defined())
        tensor.resize_(shape);
    else
        tensor = at::empty(shape, at::kFloat);
}

/// Interleaved rows where all draws are multiplied at once, else one matrix after the other.
void lay_out(const DrawSpec& spec, std::int64_t draws, models::MatrixShape shape, LayerDraws& layer)
{
    const auto [rows, columns] = shape;
    fit(layer.memory, {draws * rows * columns});
    if (!gram_is_cheaper(spec.propagation, shape)) {
        layer.joined = at::Tensor();
        layer.matrices = layer.memory.view({draws, rows, columns});
        return;
    }
    layer.joined = layer.memory.view({rows, draws * columns});
    layer.matrices = layer.joined.view({rows, draws, columns}).transpose(0, 1);
}

/// Squared length of each draw's longest column.
void find_largest(LayerDraws& layer, std::vector<float>& squares)
{
    const auto draws = layer.matrices.size(0), rows = layer.matrices.size(1),
               columns = layer.matrices.size(2);
    squares.resize(static_cast<std::size_t>(draws * columns));
    const float* from = layer.memory.const_data_ptr<float>();
    if (layer.joined.defined())
        gamma_kernel().column_squares(from, rows, draws * columns, squares.data());
    else
        for (std::int64_t r = 0; r < draws; ++r)
            gamma_kernel().column_squares(from + r * rows * columns, rows, columns,
                                          squares.data() + r * columns);
    fit(layer.largest, {draws});
    float* largest = layer.largest.mutable_data_ptr<float>();
    for (std::int64_t r = 0; r < draws; ++r)
        largest[r] = *std::max_element(squares.begin() + r * columns, squares.begin() + (r + 1) * columns);
}

/// E‖a_{l+1} + B a_{l+1}‖² = (1 + rows·σ²)·‖a_{l+1}‖² with the skip, without it rows·σ².
double gain_of(const DrawSpec& spec, std::size_t layer)
{
    if (spec.propagation == Propagation::direct || layer + 1 == spec.shapes.size())
        return 1.0;
    const double mean_square = spec.distribution == jobs::Distribution::permute
                                   ? spec.permuted[layer].to(at::kDouble).square().mean().item<double>()
                                   : spec.scale[layer] * spec.scale[layer];
    const double skip = spec.propagation == Propagation::residual_chain ? 1.0 : 0.0;
    const double growth = skip + static_cast<double>(spec.shapes[layer][0]) * mean_square;
    return growth > 0.0 ? static_cast<double>(static_cast<float>(1.0 / std::sqrt(growth))) : 1.0;
}

} // namespace

void make_block(const DrawSpec& spec, jobs::Range draws, DrawBlock& block)
{
    check(spec);
    block.draws = draws;
    block.layers.resize(spec.shapes.size());
    for (std::size_t l = 0; l < block.layers.size(); ++l) {
        auto& layer = block.layers[l];
        if (spec.shared && l > 0) {
            layer = block.layers.front();
            layer.gain = gain_of(spec, l);
            continue;
        }
        if (l > 0 && layer.memory.defined() && layer.memory.is_alias_of(block.layers.front().memory))
            layer = {}; // the block held shared feedback before
        lay_out(spec, draws.size(), spec.shapes[l], layer);
        auto* to = layer.memory.mutable_data_ptr<float>();
        for (std::int64_t r = 0; r < draws.size(); ++r)
            write_draw(spec, draws.begin + r, static_cast<std::int64_t>(l), to + r * layer.matrices.stride(0),
                       layer.matrices.stride(1), block.rows);
        find_largest(layer, block.rows);
        layer.gain = gain_of(spec, l);
        if (layer.joined.defined())
            packed_gram(layer.joined, spec.shapes[l][1], block.gram_scratch, layer.gram);
        else
            layer.gram = at::Tensor();
    }
}

DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws)
{
    DrawBlock block;
    make_block(spec, draws, block);
    return block;
}

std::uint64_t block_bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                          bool shared, std::int64_t draws)
{
    std::int64_t floats = 0;
    for (std::size_t l = 0; l < (shared ? std::min<std::size_t>(1, shapes.size()) : shapes.size()); ++l) {
        const auto [rows, columns] = shapes[l];
        floats += rows * columns + 1;
        if (gram_is_cheaper(propagation, shapes[l]))
            floats += columns * (columns + 1) / 2;
    }
    return sizeof(float) * static_cast<std::uint64_t>(floats * draws);
}

bool gram_is_cheaper(Propagation propagation, models::MatrixShape shape) noexcept
{
    const auto [rows, columns] = shape;
    return propagation == Propagation::direct && columns <= rows && columns * columns <= 4 * rows;
}

void packed_gram(const at::Tensor& joined, std::int64_t classes, at::Tensor& scratch, at::Tensor& packed)
{
    const std::int64_t draws = joined.size(1) / classes;
    fit(packed, {classes * (classes + 1) / 2, draws});
    fit(scratch, {gram_scratch(classes)});
    gamma_kernel().gram(joined.const_data_ptr<float>(), joined.size(0), draws, classes,
                        scratch.mutable_data_ptr<float>(), packed.mutable_data_ptr<float>());
}

} // namespace fa::diagnostics
