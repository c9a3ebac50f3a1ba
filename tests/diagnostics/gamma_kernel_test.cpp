#include "diagnostics/gamma_kernel.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using fa::diagnostics::gamma_kernel_for;
using fa::diagnostics::GammaKernel;
using fa::random::InstructionSet;

namespace {

std::vector<float> waves(std::int64_t count, float frequency)
{
    std::vector<float> values;
    for (std::int64_t k = 0; k < count; ++k)
        values.push_back(std::sin(frequency * static_cast<float>(k + 1)));
    return values;
}

constexpr std::int64_t rows = 3, draws = 5;

struct Results {
    std::vector<float> contracted, numerator, square, divided;
    std::vector<double> weighted;
    bool operator==(const Results&) const = default;
};

/// Every loop on the same numbers, `size` being C.
Results run(const GammaKernel& kernel, std::int64_t size)
{
    const auto cells = static_cast<std::size_t>(rows * draws);
    Results results{std::vector<float>(cells), std::vector<float>(cells), std::vector<float>(cells),
                    std::vector<float>(cells), std::vector<double>(static_cast<std::size_t>(draws), 0.5)};
    kernel.contract(waves(rows * draws * size, 0.37F).data(), waves(rows * size, 0.11F).data(), rows, draws,
                    size, results.contracted.data());
    results.numerator = waves(rows * draws, 0.7F);
    results.square = waves(rows * draws, 0.4F);
    for (float& square : results.square)
        square += 1.5F;
    kernel.divide(results.numerator.data(), results.square.data(), rows * draws, results.divided.data());
    kernel.add_weighted(results.numerator.data(), draws, 0.3, results.weighted.data());
    return results;
}

double slow_product(const float* a, const float* b, std::int64_t count)
{
    double sum = 0.0;
    for (std::int64_t k = 0; k < count; ++k)
        sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
    return sum;
}

class GammaKernels : public testing::TestWithParam<InstructionSet> {};

} // namespace

TEST_P(GammaKernels, GiveTheBaselinesBits)
{
    for (const std::int64_t size : {1, 2, 10, 31, 32, 33, 63, 64, 100, 256, 257})
        EXPECT_TRUE(run(gamma_kernel_for(GetParam()), size) ==
                    run(gamma_kernel_for(InstructionSet::baseline), size))
            << "size " << size;
}

TEST_P(GammaKernels, AgreeWithSlowLoops)
{
    for (const std::int64_t size : {1, 10, 32, 33, 100, 257}) {
        const Results results = run(gamma_kernel_for(GetParam()), size);
        const auto product = waves(rows * draws * size, 0.37F), error = waves(rows * size, 0.11F);
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t r = 0; r < draws; ++r) {
                const auto at = static_cast<std::size_t>(i * draws + r);
                EXPECT_NEAR(
                    results.contracted[at],
                    slow_product(product.data() + (i * draws + r) * size, error.data() + i * size, size),
                    2e-5);
                EXPECT_FLOAT_EQ(results.divided[at], results.numerator[at] / std::sqrt(results.square[at]));
            }
        for (std::size_t r = 0; r < static_cast<std::size_t>(draws); ++r)
            EXPECT_DOUBLE_EQ(results.weighted[r], 0.5 + 0.3 * static_cast<double>(results.numerator[r]));
    }
}

TEST_P(GammaKernels, SumPairProductsOfColumns)
{
    constexpr std::int64_t width = 37, classes = 4, pairs = 10;
    for (const std::int64_t count : {1, 8, 9, 20, 32, 40}) {
        const auto columns = waves(width * count * classes, 0.37F);
        std::vector<float> scratch(static_cast<std::size_t>(fa::diagnostics::gram_scratch(classes)));
        const std::int64_t stride = fa::diagnostics::padded(count);
        std::vector<float> packed(static_cast<std::size_t>(pairs * stride)), baseline(packed.size());
        gamma_kernel_for(InstructionSet::baseline)
            .gram(columns.data(), width, count, classes, scratch.data(), baseline.data());
        gamma_kernel_for(GetParam())
            .gram(columns.data(), width, count, classes, scratch.data(), packed.data());
        EXPECT_EQ(packed, baseline);
        for (std::int64_t r = 0; r < count; ++r) {
            std::int64_t pair = 0;
            for (std::int64_t j = 0; j < classes; ++j)
                for (std::int64_t k = j; k < classes; ++k, ++pair) {
                    double sum = 0.0;
                    for (std::int64_t i = 0; i < width; ++i) {
                        const float* row = columns.data() + (i * count + r) * classes;
                        sum += static_cast<double>(row[j]) * static_cast<double>(row[k]);
                    }
                    EXPECT_NEAR(packed[static_cast<std::size_t>(pair * stride + r)],
                                (j == k ? 1.0 : 2.0) * sum, 2e-5);
                }
        }
    }
}

TEST_P(GammaKernels, EvaluateQuadraticForms)
{
    constexpr std::int64_t classes = 4, pairs = 10;
    for (const std::int64_t samples : {1, 4, 7})
        for (const std::int64_t count : {1, 3, 4, 8, 13, 25, 32}) {
            const std::int64_t stride = fa::diagnostics::padded(count);
            const auto packed = waves(pairs * stride, 0.29F), input = waves(samples * classes, 0.53F);
            std::vector<float> square(static_cast<std::size_t>(samples * count)), baseline(square.size());
            gamma_kernel_for(InstructionSet::baseline)
                .quadratic(packed.data(), input.data(), samples, count, classes, baseline.data());
            gamma_kernel_for(GetParam())
                .quadratic(packed.data(), input.data(), samples, count, classes, square.data());
            EXPECT_EQ(square, baseline);
            for (std::int64_t i = 0; i < samples; ++i)
                for (std::int64_t r = 0; r < count; ++r) {
                    double expected = 0.0;
                    std::int64_t pair = 0;
                    for (std::int64_t j = 0; j < classes; ++j)
                        for (std::int64_t k = j; k < classes; ++k, ++pair)
                            expected +=
                                static_cast<double>(packed[static_cast<std::size_t>(pair * stride + r)]) *
                                static_cast<double>(input[static_cast<std::size_t>(i * classes + j)]) *
                                static_cast<double>(input[static_cast<std::size_t>(i * classes + k)]);
                    EXPECT_NEAR(square[static_cast<std::size_t>(i * count + r)], expected, 2e-6);
                }
        }
}

TEST_P(GammaKernels, DivideByTwoRootsInDouble)
{
    constexpr double huge = std::numeric_limits<double>::max();
    const std::vector<double> numerator = {3, -1, 0, huge, 1, 5, 7, 9, 2},
                              square = {4, 1, 0, 1e-300, 0, 25, 49, 81, 4};
    std::vector<float> cosine(9);
    gamma_kernel_for(GetParam()).cosines(numerator.data(), square.data(), 9.0, 9, cosine.data());
    EXPECT_THAT(std::vector<float>({cosine[0], cosine[1], cosine[5], cosine[8]}),
                testing::ElementsAre(0.5F, -1.0F / 3.0F, 1.0F / 3.0F, 1.0F / 3.0F));
    EXPECT_THAT(std::vector<float>(cosine.begin() + 2, cosine.begin() + 5), testing::Each(testing::IsNan()));
}

TEST_P(GammaKernels, SquareColumns)
{
    const auto& kernel = gamma_kernel_for(GetParam());
    const std::vector<float> values = {1, 2, 3, -4, 5, 0.5F};
    std::vector<float> squares(3);
    kernel.column_squares(values.data(), 2, 3, squares.data());
    EXPECT_THAT(squares, testing::ElementsAre(17, 29, 9.25));
}

TEST_P(GammaKernels, DivideToNanWhereASquareIsNotPositiveOrAnythingIsNan)
{
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> numerator = {1, 0, 1, nan, 1, -0.5}, square = {0, 0, -1, 1, nan, 4};
    std::vector<float> gamma(6);
    gamma_kernel_for(GetParam()).divide(numerator.data(), square.data(), 6, gamma.data());
    EXPECT_THAT(std::vector<float>(gamma.begin(), gamma.begin() + 5), testing::Each(testing::IsNan()));
    EXPECT_EQ(gamma[5], -0.25F);
}

INSTANTIATE_TEST_SUITE_P(All, GammaKernels,
                         testing::ValuesIn(fa::random::supported_instruction_sets().begin(),
                                           fa::random::supported_instruction_sets().end()),
                         [](const auto& set) { return std::to_string(static_cast<int>(set.param)); });
