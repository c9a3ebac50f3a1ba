#include "diagnostics/orthogonal.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>
#include <vector>

using namespace fa::random;

namespace {

constexpr Stream stream{.seed = 11, .purpose = Purpose::fresh, .draw = 1, .layer = 4};

std::vector<float> orthogonal(std::int64_t rows, std::int64_t columns, double scale)
{
    std::vector<float> out(static_cast<std::size_t>(rows * columns));
    fill_orthogonal(stream, rows, columns, scale, out);
    return out;
}

double column_product(const std::vector<float>& matrix, std::size_t columns, std::size_t j, std::size_t k)
{
    double sum = 0.0;
    for (std::size_t first = 0; first < matrix.size(); first += columns)
        sum += static_cast<double>(matrix[first + j]) * static_cast<double>(matrix[first + k]);
    return sum;
}

double row_product(const std::vector<float>& matrix, std::size_t columns, std::size_t i, std::size_t k)
{
    double sum = 0.0;
    for (std::size_t j = 0; j < columns; ++j)
        sum += static_cast<double>(matrix[i * columns + j]) * static_cast<double>(matrix[k * columns + j]);
    return sum;
}

} // namespace

TEST(Orthogonal, HasOrthogonalColumnsOfEqualLength)
{
    const auto matrix = orthogonal(64, 10, 0.5);
    for (std::size_t j = 0; j < 10; ++j)
        for (std::size_t k = 0; k < 10; ++k)
            EXPECT_NEAR(column_product(matrix, 10, j, k), j == k ? 0.25 * 64 : 0.0, 1e-5) << j << ' ' << k;
}

TEST(Orthogonal, HasOrthogonalRowsWhereItIsWiderThanTall)
{
    const auto matrix = orthogonal(4, 30, 2.0);
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t k = 0; k < 4; ++k)
            EXPECT_NEAR(row_product(matrix, 30, i, k), i == k ? 4.0 * 30 : 0.0, 1e-4) << i << ' ' << k;
}

TEST(Orthogonal, IsSquareToo)
{
    const auto matrix = orthogonal(20, 20, 1.0);
    for (std::size_t j = 0; j < 20; ++j)
        for (std::size_t k = 0; k < 20; ++k)
            EXPECT_NEAR(column_product(matrix, 20, j, k), j == k ? 20.0 : 0.0, 1e-5);
}

TEST(Orthogonal, KeepsTheDirectionOfTheFirstColumnOfNormals)
{
    const auto matrix = orthogonal(50, 3, 1.0);
    std::vector<double> normal(150);
    fill_normal(stream, 0, normal);
    for (std::size_t i = 1; i < 50; ++i)
        EXPECT_NEAR(static_cast<double>(matrix[3 * i]) / static_cast<double>(matrix[0]),
                    normal[3 * i] / normal[0], 1e-5 * std::abs(normal[3 * i] / normal[0]));
}

TEST(Orthogonal, OfOneEntryIsItsScaleUpToSign)
{
    EXPECT_EQ(std::abs(orthogonal(1, 1, 0.75).front()), 0.75F);
}

TEST(Orthogonal, RefusesRoomOfAnotherSize)
{
    std::vector<float> out(5);
    EXPECT_THROW(fill_orthogonal(stream, 2, 3, 1.0, out), std::invalid_argument);
}
