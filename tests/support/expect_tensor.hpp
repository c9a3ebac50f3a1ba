#pragma once
/// Comparison of tensors in tests: shapes must agree, NaN equals NaN.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <vector>

namespace fa::testing {

/// The largest |actual − expected|; +∞ where the shapes or the places of NaN disagree.
inline double largest_difference(const at::Tensor& actual, const at::Tensor& expected)
{
    if (!actual.defined() || actual.sizes() != expected.sizes())
        return std::numeric_limits<double>::infinity();
    const auto a = actual.detach().to(at::kDouble).contiguous();
    const auto e = expected.detach().to(at::kDouble).contiguous();
    double largest = 0;
    for (std::int64_t k = 0; k < a.numel(); ++k) {
        const double x = a.data_ptr<double>()[k];
        const double y = e.data_ptr<double>()[k];
        if (std::isnan(x) && std::isnan(y))
            continue;
        const double difference = x == y ? 0 : std::abs(x - y);
        largest =
            std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(largest, difference);
    }
    return largest;
}

#define EXPECT_TENSOR_NEAR(actual, expected, tolerance)                                                      \
    EXPECT_LE(fa::testing::largest_difference(actual, expected), tolerance) << "actual\n"                    \
                                                                            << (actual) << "\nexpected\n"    \
                                                                            << (expected)

/// [N, d] float64 from rows.
inline at::Tensor rows(std::initializer_list<std::vector<double>> values)
{
    std::vector<at::Tensor> stacked;
    for (const auto& row : values)
        stacked.push_back(at::tensor(row, at::TensorOptions(at::kDouble)));
    return at::stack(stacked);
}

/// [n] float64.
inline at::Tensor vector(std::initializer_list<double> values)
{
    return at::tensor(std::vector<double>(values), at::TensorOptions(at::kDouble));
}

inline double entry(const at::Tensor& values, std::int64_t i)
{
    return values[i].item<double>();
}
inline double entry(const at::Tensor& values, std::int64_t i, std::int64_t j)
{
    return values[i][j].item<double>();
}

} // namespace fa::testing
