#include "diagnostics/draw_block.hpp"

#include "diagnostics/gamma_kernel.hpp"
#include "diagnostics/product_kernel.hpp"

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

/// Floats of a layer's panels.
std::int64_t panel_floats(Form form, models::MatrixShape shape, std::int64_t draws)
{
    const auto [rows, columns] = shape;
    return form == Form::gram ? panel_width * panels_of(draws * columns) * rows
                              : panel_width * panels_of(rows) * columns * draws;
}

/// Floats of the matrices before they are packed: all of a block side by side, or one.
std::int64_t plain_floats(Form form, models::MatrixShape shape, std::int64_t draws)
{
    return shape[0] * shape[1] * (form == Form::gram ? draws : 1);
}

/// Squared lengths of the longest columns of `draws` matrices that stand side by side.
void find_largest(const float* joined, models::MatrixShape shape, std::int64_t draws,
                  std::vector<float>& squares, float* largest)
{
    const auto [rows, columns] = shape;
    squares.resize(static_cast<std::size_t>(draws * columns));
    gamma_kernel().column_squares(joined, rows, draws * columns, squares.data());
    for (std::int64_t r = 0; r < draws; ++r)
        largest[r] = *std::max_element(squares.begin() + r * columns, squares.begin() + (r + 1) * columns);
}

} // namespace

/// E‖a_{l+1} + B a_{l+1}‖² = (1 + rows·σ²)·‖a_{l+1}‖² with the skip, without it rows·σ².
double chain_gain(const DrawSpec& spec, std::size_t layer)
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

const float* LayerDraws::direct_panels(std::int64_t r) const
{
    return panels.const_data_ptr<float>() + r * panel_width * panels_of(shape[0]) * shape[1];
}

void LayerDraws::unpack(std::int64_t r, std::vector<float>& matrix) const
{
    const auto [rows, columns] = shape;
    matrix.resize(static_cast<std::size_t>(rows * columns));
    const bool joined = form == Form::gram;
    const float* from = joined ? panels.const_data_ptr<float>() : direct_panels(r);
    const std::int64_t depth = joined ? rows : columns;
    for (std::int64_t i = 0, at = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j, ++at) {
            const std::int64_t column = joined ? r * columns + j : i, k = joined ? i : j;
            matrix[static_cast<std::size_t>(at)] =
                from[(column / panel_width * depth + k) * panel_width + column % panel_width];
        }
}

void begin_layer(Form form, models::MatrixShape shape, std::int64_t draws, LayerDraws& layer)
{
    const auto columns = shape[1];
    layer.form = form;
    layer.draws = draws;
    layer.shape = shape;
    fit(layer.panels, {panel_floats(form, shape, draws)});
    fit(layer.largest, {draws});
    fit(layer.gram, {form == Form::gram ? columns * (columns + 1) / 2 : 0, padded(draws)});
}

void pack_joined(const float* joined, LayerDraws& layer, std::vector<float>& sums)
{
    const auto [rows, columns] = layer.shape;
    const std::int64_t all = layer.draws * columns;
    pack(joined, all, rows, all, layer.panels.mutable_data_ptr<float>());
    find_largest(joined, layer.shape, layer.draws, sums, layer.largest.mutable_data_ptr<float>());
    packed_gram(joined, layer.shape, layer.draws, sums, layer.gram.mutable_data_ptr<float>());
}

void pack_draw(const float* matrix, std::int64_t r, LayerDraws& layer, std::vector<float>& sums)
{
    const auto [rows, columns] = layer.shape;
    pack_transposed(matrix, columns, rows,
                    layer.panels.mutable_data_ptr<float>() + r * panel_floats(layer.form, layer.shape, 1));
    find_largest(matrix, layer.shape, 1, sums, layer.largest.mutable_data_ptr<float>() + r);
}

namespace {

void make_layer(const DrawSpec& spec, jobs::Range draws, std::size_t l, LayerDraws& layer,
                DrawScratch& scratch)
{
    const auto [rows, columns] = spec.shapes[l];
    const auto index = static_cast<std::int64_t>(l);
    const Form form = form_of(spec.propagation, spec.shapes[l]);
    begin_layer(form, spec.shapes[l], draws.size(), layer);
    scratch.plain.resize(static_cast<std::size_t>(plain_floats(form, spec.shapes[l], draws.size())));
    float* plain = scratch.plain.data();
    for (std::int64_t r = 0; r < draws.size(); ++r) {
        if (form == Form::gram) {
            write_draw(spec, draws.begin + r, index, plain + r * columns, draws.size() * columns,
                       scratch.rows);
            continue;
        }
        write_draw(spec, draws.begin + r, index, plain, columns, scratch.rows);
        pack_draw(plain, r, layer, scratch.sums);
    }
    if (form == Form::gram)
        pack_joined(plain, layer, scratch.sums);
    layer.gain = chain_gain(spec, l);
}

} // namespace

void make_block(const DrawSpec& spec, jobs::Range draws, DrawBlock& block, DrawScratch& scratch)
{
    check(spec);
    block.draws = draws;
    block.layers.resize(spec.shapes.size());
    for (std::size_t l = 0; l < block.layers.size(); ++l) {
        auto& layer = block.layers[l];
        if (spec.shared && l > 0) {
            layer = block.layers.front();
            layer.gain = chain_gain(spec, l);
            continue;
        }
        if (l > 0 && layer.panels.defined() && layer.panels.is_alias_of(block.layers.front().panels))
            layer = {}; // the block held shared feedback before
        make_layer(spec, draws, l, layer, scratch);
    }
}

DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws)
{
    DrawBlock block;
    DrawScratch scratch;
    make_block(spec, draws, block, scratch);
    return block;
}

std::uint64_t scratch_bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                            std::int64_t draws)
{
    std::int64_t floats = 0;
    for (const auto& shape : shapes) {
        const Form form = form_of(propagation, shape);
        const std::int64_t sums = form == Form::gram ? gram_scratch(shape[1]) : shape[1];
        floats = std::max(floats, plain_floats(form, shape, draws) + sums);
    }
    return sizeof(float) * static_cast<std::uint64_t>(floats);
}

std::uint64_t block_bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                          bool shared, std::int64_t draws)
{
    std::int64_t floats = 0;
    for (std::size_t l = 0; l < (shared ? std::min<std::size_t>(1, shapes.size()) : shapes.size()); ++l) {
        const Form form = form_of(propagation, shapes[l]);
        const std::int64_t columns = shapes[l][1];
        floats += panel_floats(form, shapes[l], draws) + draws +
                  (form == Form::gram ? columns * (columns + 1) / 2 * padded(draws) : 0);
    }
    return sizeof(float) * static_cast<std::uint64_t>(floats);
}

Form form_of(Propagation propagation, models::MatrixShape shape) noexcept
{
    const auto [rows, columns] = shape;
    const bool cheaper = columns <= rows && columns * columns <= 4 * rows;
    return propagation == Propagation::direct && cheaper ? Form::gram : Form::direct;
}

void packed_gram(const float* joined, models::MatrixShape shape, std::int64_t draws,
                 std::vector<float>& scratch, float* packed)
{
    scratch.resize(static_cast<std::size_t>(gram_scratch(shape[1])));
    gamma_kernel().gram(joined, shape[0], draws, shape[1], scratch.data(), packed);
}

} // namespace fa::diagnostics
