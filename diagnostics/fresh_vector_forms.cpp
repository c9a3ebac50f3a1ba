#include "diagnostics/fresh_vector_forms.hpp"

#include "diagnostics/gamma_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fa::diagnostics {
namespace {

constexpr float undefined = std::numeric_limits<float>::quiet_NaN();

void copy_values(const at::Tensor& tensor, std::vector<double>& to)
{
    const at::Tensor contiguous = tensor.contiguous();
    to.assign(contiguous.const_data_ptr<double>(), contiguous.const_data_ptr<double>() + contiguous.numel());
}

/// length/longest, 0 for a zero vector among zero vectors.
double relative(double length, double longest)
{
    return longest > 0.0 ? length / longest : 0.0;
}

} // namespace

FreshVectorForms::FreshVectorForms(std::int64_t samples, std::int64_t layers, std::int64_t most_draws)
    : samples_(samples), layers_(layers), longest_gradient_(static_cast<std::size_t>(samples))
{
    gradient_.reserve(static_cast<std::size_t>(samples * layers));
    input_.reserve(longest_gradient_.size());
    for (auto* sums : {&numerator_, &credit_square_})
        sums->reserve(static_cast<std::size_t>(samples * most_draws));
    concat_.reserve(numerator_.capacity());
    for (auto* sums : {&flat_numerator_, &flat_square_})
        sums->reserve(static_cast<std::size_t>(most_draws));
    flat_.reserve(static_cast<std::size_t>(most_draws));
}

std::uint64_t FreshVectorForms::bytes(std::int64_t samples, std::int64_t layers, std::int64_t most_draws)
{
    const std::int64_t doubles = samples * (layers + 2 + 2 * most_draws) + 2 * most_draws;
    const std::int64_t floats = (samples + 1) * most_draws;
    return static_cast<std::uint64_t>(doubles) * sizeof(double) +
           static_cast<std::uint64_t>(floats) * sizeof(float);
}

void FreshVectorForms::begin(const at::Tensor& gradient_norm, const at::Tensor& input_norm,
                             std::int64_t draws)
{
    draws_ = draws;
    copy_values(gradient_norm, gradient_);
    copy_values(input_norm, input_);
    for (std::int64_t i = 0; i < samples_; ++i) {
        const auto row = gradient_.begin() + i * layers_;
        longest_gradient_[static_cast<std::size_t>(i)] = *std::max_element(row, row + layers_);
    }
    numerator_.assign(static_cast<std::size_t>(samples_ * draws), 0.0);
    credit_square_.assign(numerator_.size(), 0.0);
}

double FreshVectorForms::gradient(std::int64_t sample, std::size_t layer) const
{
    return gradient_[static_cast<std::size_t>(sample * layers_) + layer];
}

/// Zero vectors add 0, also where their unit rows, and so n or q, are NaN.
void FreshVectorForms::add_sample(std::int64_t sample, std::size_t layer, const LayerProducts& products,
                                  double length)
{
    const auto& add_weighted = gamma_kernel().add_weighted;
    const double of_sample =
        relative(gradient(sample, layer), longest_gradient_[static_cast<std::size_t>(sample)]);
    const auto first = sample * draws_;
    add_weighted(products.square.data() + first, draws_, length * length, credit_square_.data() + first);
    if (of_sample > 0.0)
        add_weighted(products.numerator.data() + first, draws_, length * of_sample,
                     numerator_.data() + first);
}

std::span<const float> FreshVectorForms::add_layer(std::size_t layer, const LayerProducts& products,
                                                   double length, std::span<const double> sizes)
{
    const auto size = [&](std::int64_t i) {
        return sizes.empty() ? 1.0 : sizes[static_cast<std::size_t>(i)];
    };
    double longest_input = 0.0, longest_gradient = 0.0;
    bool defined = true;
    for (std::int64_t i = 0; i < samples_; ++i) {
        const double s = input_[static_cast<std::size_t>(i)] * size(i), g = gradient(i, layer);
        longest_input = std::max(longest_input, s);
        longest_gradient = std::max(longest_gradient, g);
        defined = defined && std::isfinite(s) && std::isfinite(g);
    }

    const auto& add_weighted = gamma_kernel().add_weighted;
    flat_numerator_.assign(static_cast<std::size_t>(draws_), 0.0);
    flat_square_.assign(flat_numerator_.size(), 0.0);
    double gradient_square = 0.0;
    for (std::int64_t i = 0; i < samples_; ++i) {
        const double s = relative(input_[static_cast<std::size_t>(i)] * size(i), longest_input);
        const double g = relative(gradient(i, layer), longest_gradient);
        gradient_square += g * g;
        if (s > 0.0)
            add_weighted(products.square.data() + i * draws_, draws_, s * s, flat_square_.data());
        if (s > 0.0 && g > 0.0)
            add_weighted(products.numerator.data() + i * draws_, draws_, s * g, flat_numerator_.data());
        add_sample(i, layer, products, length * size(i));
    }

    flat_.assign(flat_numerator_.size(), undefined);
    if (defined)
        gamma_kernel().cosines(flat_numerator_.data(), flat_square_.data(), gradient_square, draws_,
                               flat_.data());
    return flat_;
}

std::span<const float> FreshVectorForms::concat()
{
    concat_.assign(numerator_.size(), undefined);
    for (std::int64_t i = 0; i < samples_; ++i) {
        const auto sample = static_cast<std::size_t>(i);
        bool defined = std::isfinite(input_[sample]) && input_[sample] > 0.0;
        double gradient_square = 0.0;
        for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers_); ++layer) {
            defined = defined && std::isfinite(gradient(i, layer));
            const double g = relative(gradient(i, layer), longest_gradient_[sample]);
            gradient_square += g * g;
        }
        const auto first = i * draws_;
        if (defined)
            gamma_kernel().cosines(numerator_.data() + first, credit_square_.data() + first, gradient_square,
                                   draws_, concat_.data() + first);
    }
    return concat_;
}

} // namespace fa::diagnostics
