#include "diagnostics/clamped_cosine.hpp"
#include "diagnostics/gamma.hpp"
#include "diagnostics/half_precision.hpp"
#include "diagnostics/minus_one_norm.hpp"
#include "diagnostics/norms.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/two_block_network.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Clamped {
    at::Tensor old_form, new_form;
    Clamped(const at::Tensor& a, const at::Tensor& g)
    {
        const auto x = sample_vectors(a);
        const auto y = sample_vectors(g);
        old_form = clamped_cosine_old(gamma(x, y), x.norm, y.norm);
        new_form = clamped_cosine_new(gamma(x, y), x.norm, y.norm);
    }
};

TEST(ClampedCosine, NewFormIsWhatCosineSimilarityReturnsToday)
{
    const auto scales = vector({1, 1e-7, 1e-8, 1e-9, 1e-12, 0, 1e+6});
    const auto a = TwoBlockNetwork::entries({7, 4}, 1.0, 0.3) * scales.unsqueeze(1);
    const auto g = TwoBlockNetwork::entries({7, 4}, 1.0, 2.0) * scales.flip(0).unsqueeze(1);
    EXPECT_TENSOR_NEAR(Clamped(a, g).new_form, at::cosine_similarity(a, g, 1, 1e-8), 1e-15);
}

TEST(ClampedCosine, OldFormDividesByTheClampedProduct)
{
    const auto a = rows({{3, 4}, {3e-3, 4e-3}, {3, 4}});
    const auto g = rows({{1, 0}, {1e-7, 0}, {1e-10, 0}});
    // Products of norms 5, 5e-10 and 5e-10 against 1e-8; cosine 0.6 each.
    EXPECT_TENSOR_NEAR(Clamped(a, g).old_form, vector({0.6, 0.6 * 0.05, 0.6 * 0.05}), 1e-15);
    // Norms 1e-7 and 1e-10 against 1e-8 each.
    EXPECT_TENSOR_NEAR(Clamped(a, g).new_form, vector({0.6, 0.6, 0.6 * 0.01}), 1e-15);
}

TEST(ClampedCosine, OfAZeroNormIsZero)
{
    const Clamped clamped(rows({{0, 0}, {1, 0}}), rows({{1, 0}, {0, 0}}));
    EXPECT_TENSOR_NEAR(clamped.old_form, vector({0, 0}), 0);
    EXPECT_TENSOR_NEAR(clamped.new_form, vector({0, 0}), 0);
}

TEST(ClampedCosine, OfANonFiniteVectorIsNanAsThere)
{
    const auto a = rows({{0, 0}, {1, nan}});
    const auto g = rows({{nan, 0}, {1, 0}});
    const Clamped clamped(a, g);
    EXPECT_TENSOR_NEAR(clamped.new_form, at::cosine_similarity(a, g, 1, 1e-8), 0);
    EXPECT_TENSOR_NEAR(clamped.old_form, vector({nan, nan}), 0);
}

TEST(HalfPrecision, Fp16RoundsToTheNearestEvenDownToItsSmallestSubnormal)
{
    const double smallest = std::ldexp(1.0, -24);
    EXPECT_TENSOR_NEAR(
        through_half(vector({smallest, 0.5 * smallest, 0.51 * smallest, 1.5 * smallest, 1e-9, 70000}),
                     at::kHalf),
        vector({smallest, 0, smallest, 2 * smallest, 0, std::numeric_limits<double>::infinity()}), 0);
}

TEST(HalfPrecision, Bf16KeepsTheRangeOfFloat32AndEightBits)
{
    EXPECT_TENSOR_NEAR(
        through_half(vector({1 + std::ldexp(1.0, -8), 1 + std::ldexp(3.0, -8)}), at::kBFloat16),
        vector({1, 1 + std::ldexp(2.0, -7)}), 0);
    EXPECT_GT(entry(through_half(vector({5e-10}), at::kBFloat16), 0), 4.9e-10);
    EXPECT_EQ(entry(through_half(vector({1e-65}), at::kBFloat16), 0), 0) << "below float32 itself";
}

TEST(HalfPrecision, LostIsTheShareOfNonzeroEntriesThatBecameZero)
{
    const auto gradient = rows({{1, 1e-9, 0, 1e-9}, {1, 1, 1, 1}, {1e-9, 0, 0, 0}});
    EXPECT_TENSOR_NEAR(lost_share(gradient, through_half(gradient, at::kHalf)), vector({2.0 / 3, 0, 1}),
                       1e-15);
}

TEST(HalfPrecision, LostIsUndefinedWithoutNonzeroEntriesAndForNonFiniteRows)
{
    const auto gradient = rows({{0, 0}, {nan, 1e-9}, {std::numeric_limits<double>::infinity(), 1}});
    EXPECT_TENSOR_NEAR(lost_share(gradient, through_half(gradient, at::kHalf)), vector({nan, nan, nan}), 0);
}

TEST(HalfPrecision, GammaIsUndefinedWhereTheWholeGradientVanishes)
{
    const auto gradient = rows({{1e-9, 1e-9}, {1, 1e-9}});
    const auto credit = sample_vectors(rows({{1, 1}, {1, 1}}));
    EXPECT_TENSOR_NEAR(gamma(credit, sample_vectors(through_half(gradient, at::kHalf))),
                       vector({nan, std::sqrt(0.5)}), 1e-15);
}

TEST(HalfPrecision, OverflowIsTheShareOfHiddenEntriesBeyondTheLargestFp16)
{
    const auto hidden = rows({{65504, -65504, 1, 0}, {65505, -1e9, 1, 0}, {nan, 1e9, 0, 0}});
    EXPECT_TENSOR_NEAR(fp16_overflow_share(hidden), vector({0, 0.5, nan}), 0);
}

TEST(MinusOneNorm, IsWhatNormOfMinusOneReturns)
{
    const auto gradient = rows({{1, -2}, {4, 8}});
    EXPECT_NEAR(minus_one_norm(gradient).item<double>(), 1 / (1 + 0.5 + 0.25 + 0.125), 1e-15);
    EXPECT_NEAR(minus_one_norm(gradient).item<double>(), gradient.norm(-1).item<double>(), 1e-15);
}

TEST(MinusOneNorm, IsZeroForOneZeroEntryAndNanForOneNan)
{
    EXPECT_EQ(minus_one_norm(rows({{1, 0}})).item<double>(), 0);
    EXPECT_TRUE(std::isnan(minus_one_norm(rows({{1, nan}})).item<double>()));
}

} // namespace
} // namespace fa::diagnostics
