#include "diagnostics/chain_products.hpp"

#include "diagnostics/product_kernel.hpp"

#include <algorithm>

namespace fa::diagnostics {
namespace {

std::int64_t widest(const std::vector<models::MatrixShape>& shapes)
{
    std::int64_t width = 0;
    for (const auto& shape : shapes)
        width = std::max(width, shape[0]);
    return width;
}

} // namespace

ChainProducts::ChainProducts(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                             std::int64_t rows)
    : skip_(propagation == Propagation::residual_chain),
      scratch_(static_cast<std::size_t>(comparison_scratch(rows)))
{
    for (auto& credit : credit_)
        credit.resize(static_cast<std::size_t>(rows * widest(shapes)));
    for (auto& credit : double_)
        credit.resize(static_cast<std::size_t>(widest(shapes)));
}

std::uint64_t ChainProducts::bytes(const std::vector<models::MatrixShape>& shapes, std::int64_t rows)
{
    return 2 * static_cast<std::uint64_t>(widest(shapes)) *
               (sizeof(float) * static_cast<std::uint64_t>(rows) + sizeof(double)) +
           sizeof(float) * static_cast<std::uint64_t>(comparison_scratch(rows));
}

void ChainProducts::carry_down(std::span<const at::Tensor> reference, const InputRows& input,
                               const DrawBlock& draws, std::int64_t r, std::span<LayerProducts> out)
{
    const float* above = nullptr;
    for (std::size_t l = reference.size(); l-- > 0;) {
        const auto& layer = draws.layers[l];
        const auto [width, columns] = layer.shape;
        float* credit = credit_[l % 2].data();
        product_kernel().compare(above ? above : input.unit.const_data_ptr<float>(), reference[l].size(0),
                                 columns, layer.direct_panels(r), width,
                                 {.reference = reference[l].const_data_ptr<float>(),
                                  .above = skip_ ? above : nullptr,
                                  .gain = static_cast<float>(layer.gain),
                                  .credit = credit,
                                  .numerator = out[l].numerator.data() + r,
                                  .square = out[l].square.data() + r,
                                  .stride = out[l].draws,
                                  .scratch = scratch_.data()});
        above = credit;
    }
}

void ChainProducts::carry_down_in_double(std::span<const at::Tensor> reference, const InputRows& input,
                                         const DrawBlock& draws, std::size_t i, std::int64_t r,
                                         std::size_t from, std::span<LayerProducts> out)
{
    std::span<double> above;
    for (std::size_t l = reference.size(); l-- > 0;) {
        const auto& layer = draws.layers[l];
        const auto width = static_cast<std::size_t>(reference[l].size(1));
        layer.unpack(r, matrix_);
        const std::span credit = std::span(double_[l % 2]).first(width);
        if (above.empty())
            multiply_in_double(matrix_.data(),
                               std::span(input.row(i), static_cast<std::size_t>(input.unit.size(1))), credit);
        else
            multiply_in_double(matrix_.data(), std::span<const double>(above), credit);
        const float* gradient = reference[l].const_data_ptr<float>() + i * width;
        double n = 0.0, q = 0.0;
        for (std::size_t k = 0; k < width; ++k) {
            if (!above.empty())
                credit[k] = layer.gain * (credit[k] + (skip_ ? above[k] : 0.0));
            n += credit[k] * static_cast<double>(gradient[k]);
            q += credit[k] * credit[k];
        }
        if (l <= from)
            out[l].set(i * static_cast<std::size_t>(out[l].draws) + static_cast<std::size_t>(r), n, q);
        above = credit;
    }
}

/// float32's errors are a share of the longest vector that came down so far (for which the gains make lengths
/// of different layers comparable). From the first layer on whose vector is too short against it, a pair is
/// computed in double.
void ChainProducts::refine(std::span<const at::Tensor> reference, const InputRows& input,
                           const DrawBlock& draws, std::span<LayerProducts> out)
{
    const std::size_t top = reference.size() - 1;
    const float* largest = draws.layers[top].largest.const_data_ptr<float>();
    const auto share = static_cast<float>(fragile_share(input.unit.size(1)));
    std::size_t at = 0;
    for (std::size_t i = 0; i < input.nonzero.size(); ++i) {
        for (std::int64_t r = 0; r < out[top].draws; ++r, ++at) {
            if (!input.nonzero[i])
                continue;
            float longest = largest[r];
            for (std::size_t layers = reference.size(); layers > 0; --layers) {
                const float square = out[layers - 1].square[at];
                longest = std::max(longest, square);
                if (!(square < share * longest))
                    continue;
                carry_down_in_double(reference, input, draws, i, r, layers - 1, out);
                break;
            }
        }
    }
}

void ChainProducts::operator()(std::span<const at::Tensor> reference, const InputRows& input,
                               const DrawBlock& draws, std::span<LayerProducts> out)
{
    for (auto& layer : out)
        layer.hold(draws.draws.size());
    for (std::int64_t r = 0; r < draws.draws.size(); ++r)
        carry_down(reference, input, draws, r, out);
    for (auto& layer : out)
        layer.divide();
    refine(reference, input, draws, out);
}

double weight_of_layer(const DrawBlock& draws, std::size_t layer) noexcept
{
    double weight = 1.0;
    for (std::size_t l = layer; l < draws.layers.size(); ++l)
        weight *= draws.layers[l].gain;
    return weight;
}

} // namespace fa::diagnostics
