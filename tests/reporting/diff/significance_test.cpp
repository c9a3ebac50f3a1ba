/// p-values against closed forms: Student's t has one with 1 and 2 degrees of freedom, p = 1 − (2/π)·atan|t|
/// and p = 1 − |t|/√(2 + t²); the binomial's tails are sums of Pascal's triangle.
#include "reporting/diff/significance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

using namespace fa::reporting;
using ::testing::DoubleNear;
using ::testing::ElementsAre;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double t1(double t)
{
    return 1 - 2 / std::numbers::pi * std::atan(std::abs(t));
}
double t2(double t)
{
    return 1 - std::abs(t) / std::sqrt(2 + t * t);
}

TEST(PairedP, IsStudentsOfTheDifferences)
{
    // differences 1, 3: mean 2, std √2, t = 2/(√2/√2) = 2 with 1 degree of freedom
    EXPECT_NEAR(paired_p(std::vector{0.0, 0.0}, std::vector{1.0, 3.0}), t1(2), 1e-14);
    // differences 1, 2, 3: mean 2, std 1, t = 2√3 with 2
    EXPECT_NEAR(paired_p(std::vector{5.0, 5.0, 5.0}, std::vector{6.0, 7.0, 8.0}), t2(2 * std::sqrt(3.0)),
                1e-14);
}

TEST(PairedP, LeavesOutPairsThatAreUndefined)
{
    EXPECT_NEAR(paired_p(std::vector{0.0, nan, 0.0, 4.0}, std::vector{1.0, 9.0, 3.0, nan}), t1(2), 1e-14);
    EXPECT_TRUE(std::isnan(paired_p(std::vector{0.0, nan}, std::vector{1.0, 9.0})));
}

TEST(PairedP, IsOneForEqualNumbersAndZeroForAConstantShift)
{
    EXPECT_EQ(paired_p(std::vector{1.0, 2.0}, std::vector{1.0, 2.0}), 1);
    EXPECT_EQ(paired_p(std::vector{1.0, 2.0}, std::vector{1.5, 2.5}), 0);
}

TEST(WelchP, HasSatterthwaitesDegreesOfFreedom)
{
    // two pairs of the same variance 2: n − 1 + m − 1 = 2 degrees of freedom; error √(2/2 + 2/2) = √2
    EXPECT_NEAR(welch_p(std::vector{0.0, 2.0}, std::vector{3.0, 5.0}), t2(3 / std::sqrt(2.0)), 1e-14);
    EXPECT_EQ(welch_p(std::vector{1.0, 1.0}, std::vector{1.0, 1.0, 1.0}), 1);
    EXPECT_TRUE(std::isnan(welch_p(std::vector{1.0}, std::vector{1.0, 2.0})));
}

TEST(PredictionP, AsksWhetherAValueIsOneMoreDifference)
{
    // differences 1, 2, 3: (6 − 2)/(1·√(1 + 1/3))
    EXPECT_NEAR(prediction_p(6, std::vector{0.0, 0.0, 0.0}, std::vector{1.0, 2.0, 3.0}),
                t2(4 / std::sqrt(4.0 / 3)), 1e-14);
    EXPECT_EQ(prediction_p(0, std::vector{1.0, 2.0}, std::vector{1.0, 2.0}), 1);
    EXPECT_EQ(prediction_p(0.1, std::vector{1.0, 2.0}, std::vector{1.0, 2.0}), 0);
    EXPECT_TRUE(std::isnan(prediction_p(nan, std::vector{1.0, 2.0}, std::vector{1.0, 3.0})));
}

TEST(NormalP, IsTheComplementaryErrorFunction)
{
    EXPECT_NEAR(normal_p(1, 3, 4), std::erfc(1.0 / 5 / std::numbers::sqrt2), 1e-14);
    EXPECT_EQ(normal_p(0, 0, 0), 1);
    EXPECT_EQ(normal_p(1, 0, 0), 0);
    EXPECT_TRUE(std::isnan(normal_p(1, nan, 0)));
    EXPECT_NEAR(student_p(1, 3, 4, 2), t2(1.0 / 5), 1e-14);
}

TEST(McnemarP, SumsTheBinomialsTails)
{
    // discordant: 1 for a, 4 for b; two-sided (C(5,0) + C(5,1))·2/2⁵ = 12/32
    const std::vector<std::uint8_t> a{1, 0, 0, 0, 0, 1, 0}, b{0, 1, 1, 1, 1, 1, 0};
    EXPECT_NEAR(mcnemar_p(a, b), 12.0 / 32, 1e-14);
    EXPECT_EQ(mcnemar_p(a, a), 1);
    const std::vector<std::uint8_t> even_a{1, 0}, even_b{0, 1};
    EXPECT_EQ(mcnemar_p(even_a, even_b), 1);
}

TEST(SharesP, PoolsTheVariance)
{
    // 3/4 and 1/4: pooled ½, error √(¼/4 + ¼/4), z = ½/√(1/8) = √2
    EXPECT_NEAR(shares_p(1, 4, 3, 4), std::erfc(1.0), 1e-14);
    EXPECT_EQ(shares_p(4, 4, 2, 2), 1);
    EXPECT_TRUE(std::isnan(shares_p(0, 0, 1, 2)));
}

TEST(BootstrapP, CountsTheRarerSideOfZero)
{
    EXPECT_NEAR(bootstrap_p(std::vector{-1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}), 3.0 / 10, 1e-14);
    EXPECT_NEAR(bootstrap_p(std::vector{1.0, 2.0, 3.0}), 1.0 / 4, 1e-14);
    EXPECT_EQ(bootstrap_p(std::vector{0.0, 0.0}), 1);
}

TEST(Holm, MultipliesByHowManyAreLeft)
{
    EXPECT_THAT(holm(std::vector{0.01, 0.04, 0.03}),
                ElementsAre(DoubleNear(0.03, 1e-15), DoubleNear(0.06, 1e-15), DoubleNear(0.06, 1e-15)));
    const auto with_gap = holm(std::vector{0.01, nan, 0.9});
    EXPECT_NEAR(with_gap[0], 0.02, 1e-15);
    EXPECT_TRUE(std::isnan(with_gap[1]));
    EXPECT_EQ(holm(std::vector{0.8, 0.9})[0], 1);
}

} // namespace
