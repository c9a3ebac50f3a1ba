#include "diagnostics/layer_products.hpp"

#include "diagnostics/gamma_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fa::diagnostics {
namespace {

/// Floats of the largest product that a layer needs.
std::int64_t largest_product(const std::vector<models::MatrixShape>& shapes, std::int64_t rows,
                             std::int64_t most_draws)
{
    std::int64_t largest = 0;
    for (const auto& shape : shapes)
        largest = std::max(
            largest, rows * (gram_is_cheaper(Propagation::direct, shape) ? most_draws * shape[1] : shape[0]));
    return largest;
}

std::int64_t widest(const std::vector<models::MatrixShape>& shapes)
{
    std::int64_t width = 0;
    for (const auto& shape : shapes)
        width = std::max(width, shape[0]);
    return width;
}

} // namespace

LayerProducts::LayerProducts(std::int64_t rows, std::int64_t most_draws)
    : rows(rows), draws(most_draws), numerator(static_cast<std::size_t>(rows * most_draws)),
      square(numerator.size()), gamma(numerator.size())
{
}

void LayerProducts::hold(std::int64_t count)
{
    draws = count;
    for (auto* values : {&numerator, &square, &gamma})
        values->resize(static_cast<std::size_t>(rows * count));
}

void LayerProducts::divide()
{
    gamma_kernel().divide(numerator.data(), square.data(), rows * draws, gamma.data());
}

void LayerProducts::set(std::size_t at, double n, double q)
{
    numerator[at] = static_cast<float>(n);
    square[at] = static_cast<float>(q);
    const double value = n / std::sqrt(q);
    gamma[at] = std::isfinite(value) ? static_cast<float>(value) : std::numeric_limits<float>::quiet_NaN();
}

void InputRows::hold(const at::Tensor& input)
{
    unit = input.contiguous();
    nonzero.assign(static_cast<std::size_t>(unit.size(0)), 0);
    for (std::size_t i = 0; i < nonzero.size(); ++i)
        nonzero[i] = std::any_of(row(i), row(i) + unit.size(1), [](float value) { return value != 0.0F; });
}

const float* InputRows::row(std::size_t i) const
{
    return unit.const_data_ptr<float>() + static_cast<std::int64_t>(i) * unit.size(1);
}

double fragile_share(std::int64_t classes) noexcept
{
    return std::max(0.02, 1e-4 * static_cast<double>(classes));
}

DirectProducts::DirectProducts(const std::vector<models::MatrixShape>& shapes, std::int64_t rows,
                               std::int64_t most_draws)
    : product_(at::empty({largest_product(shapes, rows, most_draws)}, at::kFloat)),
      credit_(static_cast<std::size_t>(widest(shapes)))
{
}

std::uint64_t DirectProducts::bytes(const std::vector<models::MatrixShape>& shapes, std::int64_t rows,
                                    std::int64_t most_draws)
{
    return sizeof(float) * static_cast<std::uint64_t>(largest_product(shapes, rows, most_draws)) +
           sizeof(double) * static_cast<std::uint64_t>(widest(shapes));
}

/// numerators by one product of all draws, squares by the draws' Gram matrices
void DirectProducts::by_gram(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                             LayerProducts& out)
{
    const auto rows = reference.size(0), columns = draws.joined.size(1), classes = input.unit.size(1);
    product_.resize_({rows, columns});
    at::mm_out(product_, reference, draws.joined);
    gamma_kernel().contract(product_.const_data_ptr<float>(), input.unit.const_data_ptr<float>(), rows,
                            out.draws, classes, out.numerator.data());
    gamma_kernel().quadratic(draws.gram.const_data_ptr<float>(), input.unit.const_data_ptr<float>(), rows,
                             out.draws, classes, out.square.data());
}

/// credit vectors Bŝ draw by draw
void DirectProducts::directly(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                              LayerProducts& out)
{
    const auto rows = reference.size(0), width = reference.size(1);
    product_.resize_({rows, width});
    for (std::int64_t r = 0; r < out.draws; ++r) {
        at::mm_out(product_, input.unit, draws.matrices[r].t());
        gamma_kernel().compare(product_.const_data_ptr<float>(), reference.const_data_ptr<float>(), rows,
                               width, out.numerator.data() + r, out.square.data() + r, out.draws);
    }
}

/// Pairs in which B nearly cancels ŝ (see fragile_share), again in double.
void DirectProducts::refine(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                            LayerProducts& out)
{
    const auto width = static_cast<std::size_t>(reference.size(1));
    const auto classes = static_cast<std::size_t>(input.unit.size(1));
    const float* largest = draws.largest.const_data_ptr<float>();
    const auto share = static_cast<float>(fragile_share(input.unit.size(1)));
    std::size_t at = 0;
    for (std::size_t i = 0; i < input.nonzero.size(); ++i) {
        for (std::int64_t r = 0; r < out.draws; ++r, ++at) {
            if (!(out.square[at] < share * largest[r]) || !input.nonzero[i])
                continue;
            const std::span credit = std::span(credit_).first(width);
            multiply_in_double(draws.matrices.const_data_ptr<float>() + r * draws.matrices.stride(0),
                               draws.matrices.stride(1), std::span(input.row(i), classes), credit);
            const float* gradient = reference.const_data_ptr<float>() + i * width;
            double n = 0.0, q = 0.0;
            for (std::size_t k = 0; k < width; ++k) {
                n += credit[k] * static_cast<double>(gradient[k]);
                q += credit[k] * credit[k];
            }
            out.set(at, n, q);
        }
    }
}

void DirectProducts::operator()(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                                LayerProducts& out)
{
    out.hold(draws.matrices.size(0));
    if (draws.gram.defined())
        by_gram(reference, input, draws, out);
    else
        directly(reference, input, draws, out);
    out.divide();
    refine(reference, input, draws, out);
}

} // namespace fa::diagnostics
