#include "diagnostics/chain_products.hpp"

#include "diagnostics/product_kernel.hpp"

#include <algorithm>
#include <cmath>

namespace fa::diagnostics {
namespace {

/// n and q of a vector against ĝ.
template <typename Entry>
void compare_in_double(std::span<const double> credit, const Entry* reference, double& n, double& q)
{
    n = q = 0.0;
    for (std::size_t k = 0; k < credit.size(); ++k) {
        n += credit[k] * static_cast<double>(reference[k]);
        q += credit[k] * credit[k];
    }
}

std::size_t pair(std::size_t i, std::int64_t r, const LayerProducts& out)
{
    return i * static_cast<std::size_t>(out.draws) + static_cast<std::size_t>(r);
}

/// The lowest layer that gates let a sample's credit reach; L + 1: none.
std::size_t lowest_live(const GateRows& gates, std::size_t i, std::size_t layers)
{
    std::size_t lowest = layers;
    while (lowest > 0 && gates.size(lowest - 1)[i] != 0.0)
        --lowest;
    return lowest;
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
    if (is_gated(propagation))
        mean_.resize(static_cast<std::size_t>(widest(shapes)));
}

std::uint64_t ChainProducts::bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                                   std::int64_t rows)
{
    const auto width = static_cast<std::uint64_t>(widest(shapes));
    return 2 * width * (sizeof(float) * static_cast<std::uint64_t>(rows) + sizeof(double)) +
           (is_gated(propagation) ? width * sizeof(double) : 0) +
           sizeof(float) * static_cast<std::uint64_t>(comparison_scratch(rows));
}

void ChainProducts::carry_down(const ChainBatch& batch, const DrawBlock& draws, std::int64_t r,
                               std::span<LayerProducts> out)
{
    const bool gated = batch.gates != nullptr, compared_first = gated && batch.gates->compared_first();
    const float* above = nullptr;
    for (std::size_t l = batch.layers(); l-- > 0;) {
        const auto& layer = draws.layers[l];
        const auto [width, columns] = layer.shape;
        float* credit = credit_[l % 2].data();
        product_kernel().compare(above ? above : batch.input.unit.const_data_ptr<float>(), batch.rows(),
                                 columns, layer.direct_panels(r), width,
                                 {.reference = batch.reference[l].const_data_ptr<float>(),
                                  .above = skip_ ? above : nullptr,
                                  .gate = gated && !compared_first ? batch.gates->gate(l) : nullptr,
                                  .gain = static_cast<float>(layer.gain),
                                  .credit = credit,
                                  .numerator = out[l].numerator.data() + r,
                                  .square = out[l].square.data() + r,
                                  .stride = out[l].draws,
                                  .scratch = scratch_.data()});
        if (gated)
            compare_mean(batch, draws, l, r, credit, out[l]);
        if (compared_first && l > 0) {
            const float* gate = batch.gates->gate(l);
            for (std::int64_t k = 0; k < batch.rows() * width; ++k)
                credit[k] *= gate[k];
        }
        above = credit;
    }
}

/// The last row of a gated chain: the mean of the samples' credit. Their rounding errors add up as their
/// squares do; where the sum is short against that it is computed in double.
/// @param credit  a_l of the samples, [N, d_l]
void ChainProducts::compare_mean(const ChainBatch& batch, const DrawBlock& draws, std::size_t layer,
                                 std::int64_t r, const float* credit, LayerProducts& out)
{
    const auto width = static_cast<std::size_t>(draws.layers[layer].shape[0]);
    const auto samples = static_cast<std::size_t>(batch.rows());
    const auto weights = batch.gates->weight(layer);
    const auto sum = std::span(mean_).first(width);
    std::fill(sum.begin(), sum.end(), 0.0);
    double squares = 0.0, n = 0.0, q = 0.0;
    for (std::size_t i = 0; i < samples; ++i) {
        if (weights[i] == 0.0) // a zero vector, whose unit row may be NaN
            continue;
        for (std::size_t k = 0; k < width; ++k)
            sum[k] += weights[i] * static_cast<double>(credit[i * width + k]);
        squares += weights[i] * weights[i] * static_cast<double>(out.square[pair(i, r, out)]);
    }
    const float* reference = batch.reference[layer].const_data_ptr<float>() + samples * width;
    compare_in_double(sum, reference, n, q);
    if (q < fragile_share(batch.input.unit.size(1)) * squares) {
        mean_in_double(batch, draws, layer, r);
        compare_in_double(sum, reference, n, q);
    }
    out.set(pair(samples, r, out), n, q);
}

void ChainProducts::mean_in_double(const ChainBatch& batch, const DrawBlock& draws, std::size_t layer,
                                   std::int64_t r)
{
    const auto weights = batch.gates->weight(layer);
    std::fill(mean_.begin(), mean_.end(), 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i)
        if (weights[i] != 0.0)
            carry_down_in_double(batch, draws, i, r, layer,
                                 [&](std::size_t l, std::span<const double> credit) {
                                     if (l != layer)
                                         return;
                                     for (std::size_t k = 0; k < credit.size(); ++k)
                                         mean_[k] += weights[i] * credit[k];
                                 });
}

template <typename Visit>
void ChainProducts::carry_down_in_double(const ChainBatch& batch, const DrawBlock& draws, std::size_t i,
                                         std::int64_t r, std::size_t last, const Visit& visit)
{
    const auto classes = static_cast<std::size_t>(batch.input.unit.size(1));
    std::span<double> above;
    for (std::size_t l = batch.layers(); l-- > last;) {
        const auto& layer = draws.layers[l];
        const auto width = static_cast<std::size_t>(layer.shape[0]);
        layer.unpack(r, matrix_);
        const std::span credit = std::span(double_[l % 2]).first(width);
        if (above.empty())
            multiply_in_double(matrix_.data(), std::span(batch.input.row(i), classes), credit);
        else
            multiply_in_double(matrix_.data(), std::span<const double>(above), credit);
        for (std::size_t k = 0; !above.empty() && k < width; ++k)
            credit[k] = layer.gain * (credit[k] + (skip_ ? above[k] : 0.0));
        const bool compared_first = !batch.gates || batch.gates->compared_first();
        if (compared_first)
            visit(l, std::span<const double>(credit));
        if (batch.gates)
            for (std::size_t k = 0; k < width; ++k)
                credit[k] *= static_cast<double>(batch.gates->gate(l)[i * width + k]);
        if (!compared_first)
            visit(l, std::span<const double>(credit));
        above = credit;
    }
}

/// float32's errors are a share of the longest vector that came down so far (for which the gains make lengths
/// of different layers comparable). From the first layer on whose vector is too short against it, a pair is
/// computed in double.
void ChainProducts::refine(const ChainBatch& batch, const DrawBlock& draws, std::span<LayerProducts> out)
{
    const std::size_t top = batch.layers() - 1;
    const float* largest = draws.layers[top].largest.const_data_ptr<float>();
    const auto share = static_cast<float>(fragile_share(batch.input.unit.size(1)));
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch.rows()); ++i) {
        if (!batch.input.nonzero[i])
            continue;
        const std::size_t lowest = batch.gates ? lowest_live(*batch.gates, i, batch.layers()) : 0;
        for (std::int64_t r = 0; r < out[top].draws; ++r) {
            float longest = largest[r];
            for (std::size_t layers = batch.layers(); layers > lowest; --layers) {
                const float square = out[layers - 1].square[pair(i, r, out[top])];
                longest = std::max(longest, square);
                if (!(square < share * longest))
                    continue;
                carry_down_in_double(batch, draws, i, r, lowest,
                                     [&](std::size_t l, std::span<const double> credit) {
                                         if (l >= layers)
                                             return;
                                         double n = 0.0, q = 0.0;
                                         const float* reference = batch.reference[l].const_data_ptr<float>();
                                         compare_in_double(credit, reference + i * credit.size(), n, q);
                                         out[l].set(pair(i, r, out[l]), n, q);
                                     });
                break;
            }
        }
    }
}

void ChainProducts::operator()(const ChainBatch& batch, const DrawBlock& draws, std::span<LayerProducts> out)
{
    for (auto& layer : out)
        layer.hold(draws.draws.size());
    for (std::int64_t r = 0; r < draws.draws.size(); ++r)
        carry_down(batch, draws, r, out);
    for (auto& layer : out)
        layer.divide();
    refine(batch, draws, out);
}

void relative_lengths(std::span<const double> gains, std::span<double> lengths)
{
    double logarithm = 0.0, largest = 0.0;
    for (std::size_t l = lengths.size(); l-- > 0;) {
        logarithm -= std::log(gains[l]);
        lengths[l] = logarithm;
        largest = std::max(largest, logarithm);
    }
    for (double& length : lengths)
        length = std::exp(length - largest);
}

} // namespace fa::diagnostics
