#include "diagnostics/fresh_vector_forms.hpp"

#include "diagnostics/gamma_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fa::diagnostics {
namespace {

constexpr float undefined = std::numeric_limits<float>::quiet_NaN();

std::vector<double> values_of(const at::Tensor& tensor)
{
    const at::Tensor contiguous = tensor.contiguous();
    const double* first = contiguous.const_data_ptr<double>();
    return {first, first + contiguous.numel()};
}

/// length/longest, 0 for a zero vector among zero vectors.
double relative(double length, double longest)
{
    return longest > 0.0 ? length / longest : 0.0;
}

float cosine(double numerator, double credit_square, double gradient_square)
{
    const double value = numerator / (std::sqrt(credit_square) * std::sqrt(gradient_square));
    return std::isfinite(value) ? static_cast<float>(value) : undefined;
}

} // namespace

FreshVectorForms::FreshVectorForms(const at::Tensor& gradient_norm, const at::Tensor& error_norm,
                                   std::int64_t draws)
    : samples_(gradient_norm.size(0)), layers_(gradient_norm.size(1)), draws_(draws),
      gradient_(values_of(gradient_norm)), error_(values_of(error_norm)),
      numerator_(static_cast<std::size_t>(samples_ * draws)), credit_square_(numerator_.size())
{
    for (std::int64_t i = 0; i < samples_; ++i) {
        const auto row = gradient_.begin() + i * layers_;
        longest_gradient_.push_back(*std::max_element(row, row + layers_));
    }
}

double FreshVectorForms::gradient(std::int64_t sample, std::size_t layer) const
{
    return gradient_[static_cast<std::size_t>(sample * layers_) + layer];
}

std::vector<float> FreshVectorForms::add_layer(std::size_t layer, const LayerProducts& products)
{
    double longest_error = 0.0, longest_gradient = 0.0;
    bool defined = true;
    for (std::int64_t i = 0; i < samples_; ++i) {
        const double e = error_[static_cast<std::size_t>(i)], g = gradient(i, layer);
        longest_error = std::max(longest_error, e);
        longest_gradient = std::max(longest_gradient, g);
        defined = defined && std::isfinite(e) && std::isfinite(g);
    }

    std::vector<double> numerator(static_cast<std::size_t>(draws_)), credit_square(numerator.size());
    double gradient_square = 0.0;
    for (std::int64_t i = 0; i < samples_; ++i) {
        const auto sample = static_cast<std::size_t>(i);
        const float* n = products.numerator.data() + i * draws_;
        const float* q = products.square.data() + i * draws_;
        const double e = relative(error_[sample], longest_error);
        const double g = relative(gradient(i, layer), longest_gradient);
        gradient_square += g * g;
        // Zero vectors add 0, also where their unit rows, and so n or q, are NaN.
        if (e > 0.0)
            gamma_kernel().add_weighted(q, draws_, e * e, credit_square.data());
        if (e > 0.0 && g > 0.0)
            gamma_kernel().add_weighted(n, draws_, e * g, numerator.data());
        const double of_sample = relative(gradient(i, layer), longest_gradient_[sample]);
        gamma_kernel().add_weighted(q, draws_, 1.0, credit_square_.data() + i * draws_);
        if (of_sample > 0.0)
            gamma_kernel().add_weighted(n, draws_, of_sample, numerator_.data() + i * draws_);
    }

    std::vector<float> flat(static_cast<std::size_t>(draws_), undefined);
    for (std::size_t r = 0; defined && r < flat.size(); ++r)
        flat[r] = cosine(numerator[r], credit_square[r], gradient_square);
    return flat;
}

std::vector<float> FreshVectorForms::concat() const
{
    std::vector<float> result(numerator_.size(), undefined);
    for (std::int64_t i = 0; i < samples_; ++i) {
        const auto sample = static_cast<std::size_t>(i);
        bool defined = std::isfinite(error_[sample]) && error_[sample] > 0.0;
        double gradient_square = 0.0;
        for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers_); ++layer) {
            defined = defined && std::isfinite(gradient(i, layer));
            const double g = relative(gradient(i, layer), longest_gradient_[sample]);
            gradient_square += g * g;
        }
        for (std::int64_t r = 0; defined && r < draws_; ++r) {
            const auto at = static_cast<std::size_t>(i * draws_ + r);
            result[at] = cosine(numerator_[at], credit_square_[at], gradient_square);
        }
    }
    return result;
}

} // namespace fa::diagnostics
