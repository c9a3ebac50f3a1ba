#include "diagnostics/product_kernel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace fa::diagnostics;
using fa::random::InstructionSet;

namespace {

/// Shapes around every edge: of tiles (8 and 6 rows), of panels (16 columns) and of groups of them (48).
struct Shape {
    std::int64_t rows, depth, columns;
};
const std::vector<Shape> shapes = {{1, 1, 1},    {1, 7, 15},    {5, 3, 16},  {6, 10, 17},  {7, 33, 31},
                                   {8, 5, 48},   {9, 20, 49},   {13, 4, 95}, {16, 64, 96}, {17, 2, 97},
                                   {129, 10, 7}, {24, 100, 64}, {9, 3, 112}};

std::vector<float> waves(std::int64_t count, float frequency)
{
    std::vector<float> values;
    for (std::int64_t k = 0; k < count; ++k)
        values.push_back(std::sin(frequency * static_cast<float>(k + 1)));
    return values;
}

/// a, M, ĝ, what is added from above and a gate, for one shape.
struct Problem {
    Shape shape;
    std::vector<float> a = waves(shape.rows * shape.depth, 0.37F);
    std::vector<float> matrix = waves(shape.depth * shape.columns, 0.11F);
    std::vector<float> reference = waves(shape.rows * shape.columns, 0.23F);
    std::vector<float> above = waves(shape.rows * shape.columns, 0.51F);
    std::vector<float> gate = waves(shape.rows * shape.columns, 0.71F);
    std::vector<float> panels = std::vector<float>(
        static_cast<std::size_t>(panels_of(shape.columns) * shape.depth * panel_width), -9.0F);

    explicit Problem(Shape which) : shape(which)
    {
        pack(matrix.data(), shape.columns, shape.depth, shape.columns, panels.data());
    }

    double product(std::int64_t i, std::int64_t c) const
    {
        double sum = 0.0;
        for (std::int64_t k = 0; k < shape.depth; ++k)
            sum += static_cast<double>(a[static_cast<std::size_t>(i * shape.depth + k)]) *
                   static_cast<double>(matrix[static_cast<std::size_t>(k * shape.columns + c)]);
        return sum;
    }
};

struct Results {
    std::vector<float> product, credit, numerator, square, plain_numerator, plain_square;
    bool operator==(const Results&) const = default;
};

/// With `above`, a gate and a gain, and with none of them.
Results run(const ProductKernel& kernel, const Problem& problem)
{
    const auto [rows, depth, columns] = problem.shape;
    const auto cells = static_cast<std::size_t>(rows * columns), both = static_cast<std::size_t>(2 * rows);
    Results results{std::vector<float>(cells),       std::vector<float>(cells),
                    std::vector<float>(both, -3.0F), std::vector<float>(both, -3.0F),
                    std::vector<float>(both),        std::vector<float>(both)};
    std::vector<float> scratch(static_cast<std::size_t>(comparison_scratch(rows)), 5.0F);
    kernel.multiply(problem.a.data(), rows, depth, problem.panels.data(), columns, results.product.data());
    kernel.compare(problem.a.data(), rows, depth, problem.panels.data(), columns,
                   {.reference = problem.reference.data(),
                    .above = problem.above.data(),
                    .gate = problem.gate.data(),
                    .gain = 0.7F,
                    .credit = results.credit.data(),
                    .numerator = results.numerator.data(),
                    .square = results.square.data(),
                    .stride = 2,
                    .scratch = scratch.data()});
    kernel.compare(problem.a.data(), rows, depth, problem.panels.data(), columns,
                   {.reference = problem.reference.data(),
                    .numerator = results.plain_numerator.data(),
                    .square = results.plain_square.data(),
                    .scratch = scratch.data()});
    return results;
}

class ProductKernels : public testing::TestWithParam<InstructionSet> {};

} // namespace

TEST_P(ProductKernels, AgreeWithSlowLoops)
{
    for (const auto shape : shapes) {
        const Problem problem(shape);
        const Results results = run(product_kernel_for(GetParam()), problem);
        const double within = 1e-6 * static_cast<double>(shape.depth);
        for (std::int64_t i = 0; i < shape.rows; ++i) {
            double n = 0, q = 0, plain_n = 0, plain_q = 0;
            for (std::int64_t c = 0; c < shape.columns; ++c) {
                const auto at = static_cast<std::size_t>(i * shape.columns + c);
                const double product = problem.product(i, c);
                const double credit = 0.7 * (product + static_cast<double>(problem.above[at])) *
                                      static_cast<double>(problem.gate[at]);
                EXPECT_NEAR(results.product[at], product, within);
                EXPECT_NEAR(results.credit[at], credit, within);
                n += credit * static_cast<double>(problem.reference[at]);
                q += credit * credit;
                plain_n += product * static_cast<double>(problem.reference[at]);
                plain_q += product * product;
            }
            const auto row = static_cast<std::size_t>(i);
            const double lengths = 1e-6 * (1.0 + q + plain_q) * static_cast<double>(shape.depth);
            EXPECT_NEAR(results.numerator[2 * row], n, lengths);
            EXPECT_NEAR(results.square[2 * row], q, lengths);
            EXPECT_NEAR(results.plain_numerator[row], plain_n, lengths);
            EXPECT_NEAR(results.plain_square[row], plain_q, lengths);
            EXPECT_EQ(results.numerator[2 * row + 1], -3.0F); // between the strides
        }
    }
}

TEST_P(ProductKernels, GiveTheBaselinesBits)
{
    for (const auto shape : shapes) {
        const Problem problem(shape);
        EXPECT_TRUE(run(product_kernel_for(GetParam()), problem) ==
                    run(product_kernel_for(InstructionSet::baseline), problem));
    }
}

TEST_P(ProductKernels, GiveARowTheBitsItHasAlone)
{
    const Problem problem({17, 50, 100});
    const auto& kernel = product_kernel_for(GetParam());
    const Results together = run(kernel, problem);
    std::vector<float> alone(100);
    for (std::int64_t i = 0; i < 17; ++i) {
        kernel.multiply(problem.a.data() + i * 50, 1, 50, problem.panels.data(), 100, alone.data());
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.product.begin() + i * 100));
    }
}

INSTANTIATE_TEST_SUITE_P(All, ProductKernels,
                         testing::ValuesIn(fa::random::supported_instruction_sets().begin(),
                                           fa::random::supported_instruction_sets().end()),
                         [](const auto& set) { return std::to_string(static_cast<int>(set.param)); });

TEST(Panels, HoldAMatrixOrItsTranspose)
{
    constexpr std::int64_t depth = 3, columns = 20;
    const auto matrix = waves(depth * columns, 0.3F); // [depth, columns]
    std::vector<float> transposed(matrix.size());
    for (std::size_t k = 0; k < 3; ++k)
        for (std::size_t c = 0; c < 20; ++c)
            transposed[c * 3 + k] = matrix[k * 20 + c];
    std::vector<float> panels(2 * depth * panel_width, -1.0F), of_transposed(panels.size(), -1.0F);
    pack(matrix.data(), columns, depth, columns, panels.data());
    pack_transposed(transposed.data(), depth, columns, of_transposed.data());
    EXPECT_EQ(panels, of_transposed);
    for (std::size_t c = 0; c < 32; ++c)
        for (std::size_t k = 0; k < 3; ++k)
            EXPECT_EQ(panels[(c / 16 * 3 + k) * 16 + c % 16], c < 20 ? matrix[k * 20 + c] : 0.0F);
}
