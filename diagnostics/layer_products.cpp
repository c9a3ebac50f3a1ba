#include "diagnostics/layer_products.hpp"

#include "diagnostics/gamma_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fa::diagnostics {
namespace {

/// numerators by one product of all draws, squares by the draws' Gram matrices
void multiply_by_gram(const at::Tensor& reference, const BatchError& error, const DrawBlock& draws,
                      std::size_t layer, LayerProducts& out)
{
    const at::Tensor product = at::mm(reference, draws.columns[layer]); // [N + 1, R·C]
    gamma_kernel().contract(product.const_data_ptr<float>(), error.unit.const_data_ptr<float>(), out.rows,
                            out.draws, draws.classes, out.numerator.data());
    at::Tensor square = at::from_blob(out.square.data(), {out.rows, out.draws}, at::kFloat);
    at::mm_out(square, error.squares, draws.gram[layer]);
}

/// credit vectors Bê draw by draw
void multiply_directly(const at::Tensor& reference, const BatchError& error, const DrawBlock& draws,
                       std::size_t layer, LayerProducts& out)
{
    const std::int64_t width = reference.size(1);
    at::Tensor credit = at::empty({out.rows, width}, at::kFloat);
    for (std::int64_t r = 0; r < out.draws; ++r) {
        const at::Tensor feedback = draws.columns[layer].narrow(1, r * draws.classes, draws.classes);
        at::mm_out(credit, error.unit, feedback.t());
        gamma_kernel().compare(credit.const_data_ptr<float>(), reference.const_data_ptr<float>(), out.rows,
                               width, out.numerator.data() + r, out.square.data() + r, out.draws);
    }
}

/// One pair of sample and draw in double.
struct Pair {
    double numerator = 0.0, square = 0.0;
};

Pair multiply_in_double(const float* reference, const float* error, const float* feedback,
                        std::int64_t stride, std::int64_t width, std::int64_t classes)
{
    Pair pair;
    for (std::int64_t i = 0; i < width; ++i) {
        double credit = 0.0;
        for (std::int64_t j = 0; j < classes; ++j)
            credit += static_cast<double>(feedback[i * stride + j]) * static_cast<double>(error[j]);
        pair.numerator += credit * static_cast<double>(reference[i]);
        pair.square += credit * credit;
    }
    return pair;
}

/// Pairs in which B nearly cancels ê (see gamma_of_draws).
void refine(const at::Tensor& reference, const BatchError& error, const DrawBlock& draws, std::size_t layer,
            LayerProducts& out)
{
    const std::int64_t width = reference.size(1), classes = draws.classes, stride = out.draws * classes;
    const float* largest = draws.largest[layer].const_data_ptr<float>();
    const double share = std::max(0.02, 1e-4 * static_cast<double>(classes));
    std::vector<float> threshold(largest, largest + out.draws);
    for (float& bound : threshold)
        bound = static_cast<float>(share * static_cast<double>(bound));
    for (std::int64_t i = 0; i < out.rows; ++i) {
        if (!error.nonzero[static_cast<std::size_t>(i)])
            continue;
        for (std::int64_t r = 0; r < out.draws; ++r) {
            const auto at = static_cast<std::size_t>(i * out.draws + r);
            if (!(out.square[at] < threshold[static_cast<std::size_t>(r)]))
                continue;
            const Pair pair = multiply_in_double(reference.const_data_ptr<float>() + i * width,
                                                 error.unit.const_data_ptr<float>() + i * classes,
                                                 draws.columns[layer].const_data_ptr<float>() + r * classes,
                                                 stride, width, classes);
            out.numerator[at] = static_cast<float>(pair.numerator);
            out.square[at] = static_cast<float>(pair.square);
            const double gamma = pair.numerator / std::sqrt(pair.square);
            out.gamma[at] =
                std::isfinite(gamma) ? static_cast<float>(gamma) : std::numeric_limits<float>::quiet_NaN();
        }
    }
}

} // namespace

BatchError::BatchError(const at::Tensor& error, const DrawBlock& draws) : unit(error.contiguous())
{
    if (std::any_of(draws.gram.begin(), draws.gram.end(),
                    [](const at::Tensor& gram) { return gram.defined(); }))
        squares = packed_squares(unit);
    const float* entry = unit.const_data_ptr<float>();
    for (std::int64_t i = 0; i < unit.size(0); ++i, entry += unit.size(1))
        nonzero.push_back(
            std::any_of(entry, entry + unit.size(1), [](float value) { return value != 0.0F; }));
}

void multiply(const at::Tensor& reference, const BatchError& error, const DrawBlock& draws, std::size_t layer,
              LayerProducts& out)
{
    if (draws.gram[layer].defined())
        multiply_by_gram(reference, error, draws, layer, out);
    else
        multiply_directly(reference, error, draws, layer, out);
    gamma_kernel().divide(out.numerator.data(), out.square.data(), out.rows * out.draws, out.gamma.data());
    refine(reference, error, draws, layer, out);
}

} // namespace fa::diagnostics
