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

/// Squared length of each draw's longest column.
void find_largest(const std::vector<float>& plain, LayerDraws& layer, std::vector<float>& squares)
{
    const auto [rows, columns] = layer.shape;
    squares.resize(static_cast<std::size_t>(layer.draws * columns));
    if (layer.form == Form::gram)
        gamma_kernel().column_squares(plain.data(), rows, layer.draws * columns, squares.data());
    else
        for (std::int64_t r = 0; r < layer.draws; ++r)
            gamma_kernel().column_squares(plain.data() + r * rows * columns, rows, columns,
                                          squares.data() + r * columns);
    fit(layer.largest, {layer.draws});
    float* largest = layer.largest.mutable_data_ptr<float>();
    for (std::int64_t r = 0; r < layer.draws; ++r)
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

void pack_layer(const std::vector<float>& plain, Form form, models::MatrixShape shape, std::int64_t draws,
                std::vector<float>& gram_scratch, LayerDraws& layer)
{
    const auto [rows, columns] = shape;
    layer.form = form;
    layer.draws = draws;
    layer.shape = shape;
    fit(layer.panels, {panel_floats(form, shape, draws)});
    float* panels = layer.panels.mutable_data_ptr<float>();
    find_largest(plain, layer, gram_scratch);
    fit(layer.gram, {form == Form::gram ? columns * (columns + 1) / 2 : 0, padded(draws)});
    if (form == Form::gram) {
        pack(plain.data(), draws * columns, rows, draws * columns, panels);
        packed_gram(plain.data(), shape, draws, gram_scratch, layer.gram.mutable_data_ptr<float>());
        return;
    }
    const std::int64_t each = panel_floats(form, shape, 1);
    for (std::int64_t r = 0; r < draws; ++r)
        pack_transposed(plain.data() + r * rows * columns, columns, rows, panels + r * each);
}

void make_block(const DrawSpec& spec, jobs::Range draws, DrawBlock& block, DrawScratch& scratch)
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
        if (l > 0 && layer.panels.defined() && layer.panels.is_alias_of(block.layers.front().panels))
            layer = {}; // the block held shared feedback before
        const auto [rows, columns] = spec.shapes[l];
        const Form form = form_of(spec.propagation, spec.shapes[l]);
        scratch.plain.resize(static_cast<std::size_t>(draws.size() * rows * columns));
        const std::int64_t stride = form == Form::gram ? columns : rows * columns;
        for (std::int64_t r = 0; r < draws.size(); ++r)
            write_draw(spec, draws.begin + r, static_cast<std::int64_t>(l), scratch.plain.data() + r * stride,
                       form == Form::gram ? draws.size() * columns : columns, scratch.rows);
        pack_layer(scratch.plain, form, spec.shapes[l], draws.size(), scratch.sums, layer);
        layer.gain = gain_of(spec, l);
    }
}

DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws)
{
    DrawBlock block;
    DrawScratch scratch;
    make_block(spec, draws, block, scratch);
    return block;
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
