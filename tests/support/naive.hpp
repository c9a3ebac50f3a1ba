#pragma once
/// Slow double loops in long double, whose exponent range needs no guards: what the measurements are compared
/// with.

#include <ATen/ATen.h>

#include <cmath>

namespace fa::testing {

inline long double at_entry(const at::Tensor& values, std::int64_t i, std::int64_t j)
{
    return values[i][j].item<double>();
}

inline long double dot(const at::Tensor& a, std::int64_t i, const at::Tensor& b, std::int64_t j)
{
    long double sum = 0;
    for (std::int64_t k = 0; k < a.size(1); ++k)
        sum += at_entry(a, i, k) * at_entry(b, j, k);
    return sum;
}

inline double norm(const at::Tensor& a, std::int64_t i)
{
    return static_cast<double>(std::sqrt(dot(a, i, a, i)));
}

/// Cosine of row i of a and row i of g.
inline double cosine(const at::Tensor& a, const at::Tensor& g, std::int64_t i)
{
    return static_cast<double>(dot(a, i, g, i) / std::sqrt(dot(a, i, a, i) * dot(g, i, g, i)));
}

/// Rows of e Bᵀ.
inline at::Tensor fed_back(const at::Tensor& error, const at::Tensor& feedback)
{
    auto signal = at::zeros({error.size(0), feedback.size(0)}, at::TensorOptions(at::kDouble));
    for (std::int64_t i = 0; i < error.size(0); ++i)
        for (std::int64_t k = 0; k < feedback.size(0); ++k)
            signal[i][k] = static_cast<double>(dot(error, i, feedback, k));
    return signal;
}

} // namespace fa::testing
