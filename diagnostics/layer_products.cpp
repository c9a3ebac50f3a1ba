#include "diagnostics/layer_products.hpp"

#include "diagnostics/gamma_kernel.hpp"
#include "diagnostics/product_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fa::diagnostics {
namespace {

/// Floats that a layer's products need.
std::int64_t product_floats(models::MatrixShape shape, std::int64_t rows, std::int64_t draws)
{
    return form_of(Propagation::direct, shape) == Form::gram ? rows * draws * shape[1]
                                                             : comparison_scratch(rows);
}

std::int64_t largest_product(const std::vector<models::MatrixShape>& shapes, std::int64_t rows,
                             std::int64_t most_draws)
{
    std::int64_t largest = 0;
    for (const auto& shape : shapes)
        largest = std::max(largest, product_floats(shape, rows, most_draws));
    return largest;
}

/// A vector that is at least that long; it never shrinks.
float* room(std::vector<float>& buffer, std::int64_t floats)
{
    if (buffer.size() < static_cast<std::size_t>(floats))
        buffer.resize(static_cast<std::size_t>(floats));
    return buffer.data();
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
    : product_(static_cast<std::size_t>(largest_product(shapes, rows, most_draws))),
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
    const auto rows = reference.size(0), classes = draws.shape[1], columns = draws.draws * classes;
    const float* unit = input.unit.const_data_ptr<float>();
    float* product = room(product_, rows * columns);
    product_kernel().multiply(reference.const_data_ptr<float>(), rows, draws.shape[0],
                              draws.panels.const_data_ptr<float>(), columns, product);
    gamma_kernel().contract(product, unit, rows, out.draws, classes, out.numerator.data());
    gamma_kernel().quadratic(draws.gram.const_data_ptr<float>(), unit, rows, out.draws, classes,
                             out.square.data());
}

/// credit vectors Bŝ draw by draw
void DirectProducts::directly(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                              LayerProducts& out)
{
    const auto rows = reference.size(0);
    const auto [width, columns] = draws.shape;
    float* scratch = room(product_, comparison_scratch(rows));
    for (std::int64_t r = 0; r < out.draws; ++r)
        product_kernel().compare(input.unit.const_data_ptr<float>(), rows, columns, draws.direct_panels(r),
                                 width,
                                 {.reference = reference.const_data_ptr<float>(),
                                  .numerator = out.numerator.data() + r,
                                  .square = out.square.data() + r,
                                  .stride = out.draws,
                                  .scratch = scratch});
}

/// Pairs in which B nearly cancels ŝ (see fragile_share), again in double.
void DirectProducts::refine(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                            LayerProducts& out)
{
    const auto width = static_cast<std::size_t>(draws.shape[0]);
    const auto classes = static_cast<std::size_t>(draws.shape[1]);
    const float* largest = draws.largest.const_data_ptr<float>();
    const auto share = static_cast<float>(fragile_share(draws.shape[1]));
    std::size_t at = 0;
    for (std::size_t i = 0; i < input.nonzero.size(); ++i) {
        for (std::int64_t r = 0; r < out.draws; ++r, ++at) {
            if (!(out.square[at] < share * largest[r]) || !input.nonzero[i])
                continue;
            const std::span credit = std::span(credit_).first(width);
            draws.unpack(r, matrix_);
            multiply_in_double(matrix_.data(), std::span(input.row(i), classes), credit);
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
    out.hold(draws.draws);
    if (draws.form == Form::gram)
        by_gram(reference, input, draws, out);
    else
        directly(reference, input, draws, out);
    out.divide();
    refine(reference, input, draws, out);
}

} // namespace fa::diagnostics
