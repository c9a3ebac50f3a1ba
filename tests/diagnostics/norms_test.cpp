#include "diagnostics/norms.hpp"

#include "diagnostics/norms_kernel.hpp"

#include "tests/support/expect_tensor.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Norms, AreEuclideanByRow)
{
    EXPECT_TENSOR_NEAR(row_norms(rows({{3, -4}, {5, 12}})), vector({5, 13}), 1e-14);
}

TEST(Norms, SurviveSquaresThatUnderflowOrOverflow)
{
    for (const double scale : {1e-300, 1e-65, 1e+20, 1e+300}) {
        const auto vectors = sample_vectors(rows({{3 * scale, -4 * scale}}));
        EXPECT_NEAR(entry(vectors.norm, 0) / scale, 5, 1e-14) << scale;
        EXPECT_TENSOR_NEAR(vectors.unit, rows({{0.6, -0.8}}), 1e-15);
    }
}

TEST(Norms, OfSubnormalRowsKeepTheDirection)
{
    const auto vectors = sample_vectors(rows({{3 * 5e-324, 4 * 5e-324}}));
    EXPECT_TENSOR_NEAR(vectors.unit, rows({{0.6, 0.8}}), 1e-15);
}

TEST(Norms, GiveNoDirectionToZeroAndToNonFiniteRows)
{
    const auto vectors = sample_vectors(rows({{0, 0}, {1, nan}, {infinity, 1}, {-infinity, nan}, {0, 2}}));
    EXPECT_TENSOR_NEAR(vectors.unit, rows({{nan, nan}, {nan, nan}, {nan, nan}, {nan, nan}, {0, 1}}), 0);
    EXPECT_TENSOR_NEAR(vectors.norm, vector({0, nan, infinity, nan, 2}), 0);
}

TEST(Norms, OfScaledRowsNeedNoProduct)
{
    const auto vectors = sample_vectors(rows({{3e-200, 4e-200}, {3, 4}, {3, 4}}), vector({1e-200, 0, nan}));
    EXPECT_EQ(entry(vectors.norm, 0), 0) << "5e-400 is below the range";
    EXPECT_TENSOR_NEAR(vectors.unit, rows({{0.6, 0.8}, {nan, nan}, {nan, nan}}), 1e-15);
    EXPECT_EQ(entry(vectors.norm, 1), 0);
    EXPECT_TRUE(std::isnan(entry(vectors.norm, 2)));
}

TEST(Norms, ByOperationsAreTheKernelsToTheirRounding)
{
    at::manual_seed(5);
    for (const std::int64_t width : {1, 7, 33, 257})
        for (const double scale : {1e-310, 1e-300, 1e-65, 1.0, 1e+20, 1e+300}) {
            const auto values = at::randn({9, width}, at::kDouble) * scale;
            const auto kernel = sample_vectors(values);
            const auto operations = sample_vectors_by_operations(values);
            EXPECT_TENSOR_NEAR(operations.norm / scale, kernel.norm / scale, 1e-14 * std::sqrt(width))
                << scale;
            EXPECT_TENSOR_NEAR(operations.unit, kernel.unit, scale < 1e-308 ? 1e-12 : 1e-15) << scale;
        }
}

TEST(Norms, ByOperationsGiveNoDirectionToTheSameRows)
{
    const auto odd = rows({{0, 0}, {1, nan}, {infinity, 1}, {-infinity, nan}, {0, 2}, {1.7e308, 1.7e308}});
    const auto kernel = sample_vectors(odd);
    const auto operations = sample_vectors_by_operations(odd);
    EXPECT_TENSOR_NEAR(operations.norm, kernel.norm, 0);
    EXPECT_TENSOR_NEAR(operations.unit, kernel.unit, 0);
    EXPECT_EQ(entry(operations.norm, 5), infinity); // finite entries, a norm beyond the range
}

/// Widths around the kernel's 32 lanes, and a slow sum of squares in long double.
TEST(Norms, AreThoseOfASlowLoopForEveryWidth)
{
    at::manual_seed(2);
    for (const std::int64_t width : {1, 7, 31, 32, 33, 64, 257}) {
        const auto matrix = at::randn({5, width}, at::kDouble);
        const auto vectors = sample_vectors(matrix);
        for (std::int64_t i = 0; i < 5; ++i) {
            long double square = 0;
            for (std::int64_t k = 0; k < width; ++k)
                square += static_cast<long double>(entry(matrix, i, k)) * entry(matrix, i, k);
            EXPECT_NEAR(entry(vectors.norm, i) / static_cast<double>(std::sqrt(square)), 1, 4e-16 * 8)
                << width;
            for (std::int64_t k = 0; k < width; ++k)
                EXPECT_NEAR(entry(vectors.unit, i, k),
                            static_cast<double>(entry(matrix, i, k) / std::sqrt(square)), 2e-15)
                    << width;
        }
    }
}

TEST(Norms, FindTheOneBadEntryWhereverItIs)
{
    for (const std::int64_t width : {31, 32, 70})
        for (std::int64_t place = 0; place < width; ++place)
            for (const double bad : {nan, infinity, -infinity}) {
                auto matrix = at::ones({2, width}, at::kDouble);
                matrix[1][place] = bad;
                const auto vectors = sample_vectors(matrix);
                EXPECT_TRUE(vectors.unit[0].isfinite().all().item<bool>());
                EXPECT_TRUE(vectors.unit[1].isnan().all().item<bool>());
                EXPECT_EQ(std::isnan(entry(vectors.norm, 1)), std::isnan(bad));
                EXPECT_FALSE(std::isfinite(entry(vectors.norm, 1)));
            }
}

TEST(Norms, AreTheSameBitsFromEveryInstructionSet)
{
    at::manual_seed(5);
    const auto matrix = at::randn({9, 77}, at::kDouble);
    const auto by = [&](random::InstructionSet set) {
        std::vector<double> numbers(9 * 77 + 9);
        norms_kernel_for(set).sample_vectors(matrix.const_data_ptr<double>(), 9, 77, numbers.data(),
                                             numbers.data() + 9 * 77);
        return numbers;
    };
    for (const auto set : random::supported_instruction_sets())
        EXPECT_EQ(by(set), by(random::InstructionSet::baseline));
}

TEST(CanonicalNan, HasOnePayload)
{
    const auto odd = std::bit_cast<double>(std::uint64_t{0xfff8dead00000001});
    const auto clean = canonical_nan(vector({odd, 1.5, -0.0}));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(entry(clean, 0)), 0x7ff8000000000000U);
    EXPECT_EQ(entry(clean, 1), 1.5);
    EXPECT_TRUE(std::signbit(entry(clean, 2)));
    const auto clean32 = canonical_nan(vector({odd}).to(at::kFloat));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(clean32[0].item<float>()), 0x7fc00000U);
}

} // namespace
} // namespace fa::diagnostics
