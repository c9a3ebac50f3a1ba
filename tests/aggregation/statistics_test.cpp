#include "aggregation/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace fa::aggregation;

namespace {

const double nan = std::nan("");

TEST(Median, OfAnEvenCountIsTheMeanOfTheMiddleTwo)
{
    EXPECT_EQ(median(std::vector{9.0, 1.0, 3.0, 2.0}), 2.5);
}

TEST(Median, OfAnOddCountIsTheMiddleOne)
{
    EXPECT_EQ(median(std::vector{9.0, 1.0, 3.0}), 3.0);
}

TEST(InterquartileMean, DropsAQuarterRoundedDownAtEachEnd)
{
    // n = 7: one dropped at each end, of 0 1 2 3 4 5 100.
    EXPECT_EQ(interquartile_mean(std::vector{100.0, 0.0, 5.0, 1.0, 4.0, 2.0, 3.0}), 3.0);
    // n = 8: two dropped at each end.
    EXPECT_EQ(interquartile_mean(std::vector{100.0, 99.0, -50.0, 0.0, 1.0, 2.0, 3.0, 4.0}), 2.5);
}

TEST(InterquartileMean, OfThreeDropsNothing)
{
    EXPECT_EQ(interquartile_mean(std::vector{1.0, 2.0, 6.0}), 3.0);
}

TEST(Reducers, LeaveUndefinedValuesOut)
{
    const std::vector values{nan, 1.0, nan, 5.0, 6.0};
    EXPECT_EQ(mean(values), 4.0);
    EXPECT_EQ(median(values), 5.0);
    EXPECT_EQ(interquartile_mean(values), 4.0);
    EXPECT_EQ(count_defined(values), 3);
}

TEST(Reducers, OfNothingAreUndefined)
{
    for (const auto& values : {std::vector<double>{}, std::vector{nan, nan}}) {
        EXPECT_TRUE(std::isnan(mean(values)));
        EXPECT_TRUE(std::isnan(median(values)));
        EXPECT_TRUE(std::isnan(interquartile_mean(values)));
        EXPECT_TRUE(std::isnan(quantile(values, 0.5)));
        EXPECT_TRUE(std::isnan(standard_deviation(values)));
    }
}

TEST(StandardDeviation, HasOneDegreeOfFreedomLess)
{
    EXPECT_DOUBLE_EQ(standard_deviation(std::vector{1.0, 2.0, 3.0, 4.0}), std::sqrt(5.0 / 3.0));
}

TEST(StandardDeviation, OfOneValueIsUndefined)
{
    EXPECT_TRUE(std::isnan(standard_deviation(std::vector{1.0, nan})));
}

TEST(Quantile, IsLinearBetweenOrderStatistics)
{
    const std::vector values{40.0, 10.0, 20.0, 30.0}; // numpy.quantile's default
    EXPECT_EQ(quantile(values, 0.0), 10.0);
    EXPECT_DOUBLE_EQ(quantile(values, 0.025), 10.75);
    EXPECT_EQ(quantile(values, 0.5), 25.0);
    EXPECT_DOUBLE_EQ(quantile(values, 0.975), 39.25);
    EXPECT_EQ(quantile(values, 1.0), 40.0);
}

/// Type 7 of all values in order, the undefined left out.
double slow_quantile(std::vector<double> values, double level)
{
    std::erase_if(values, [](double value) { return std::isnan(value); });
    std::sort(values.begin(), values.end());
    const double place = level * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    return part == 0.0 ? values[below] : (1 - part) * values[below] + part * values[below + 1];
}

TEST(Quantiles, AreThoseOfTheSortedValues)
{
    std::vector<double> values;
    for (int i = 0; i < 60; ++i) {
        values.push_back(i % 7 == 3 ? nan : std::sin(i * i)); // no order, some equal, some undefined
        values.push_back(0.25);
        const auto together = quantiles(values, {0.0, 0.025, 0.03, 0.5, 0.975, 1.0});
        std::size_t next = 0;
        for (const double level : {0.0, 0.025, 0.03, 0.5, 0.975, 1.0}) {
            EXPECT_NEAR(together[next++], slow_quantile(values, level), 1e-15)
                << level << " of " << values.size();
        }
    }
    for (const double value : quantiles(std::vector{nan}, {0.025, 0.975})) {
        EXPECT_TRUE(std::isnan(value));
    }
}

TEST(PValue, CountsDrawsAtLeastAsFarFromZeroAndItself)
{
    // |fresh| ≥ .3: two of four.
    EXPECT_DOUBLE_EQ(p_value(-0.3, std::vector{0.1, 0.3, -0.4, 0.2}), 3.0 / 5.0);
}

TEST(PValue, CannotBeZero)
{
    EXPECT_DOUBLE_EQ(p_value(0.9, std::vector<double>(200, 0.01)), 1.0 / 201.0);
}

TEST(PValue, UndefinedDrawsLeaveTheirNumber)
{
    EXPECT_DOUBLE_EQ(p_value(0.3, std::vector{0.1, nan, 0.4, nan}), 2.0 / 3.0);
}

TEST(PValue, IsUndefinedWithoutAValueOrDraws)
{
    EXPECT_TRUE(std::isnan(p_value(nan, std::vector{0.1})));
    EXPECT_TRUE(std::isnan(p_value(0.1, std::vector{nan})));
    EXPECT_TRUE(std::isnan(p_value(0.1, std::vector<double>{})));
}

TEST(ZScore, IsUndefinedWhereAllDrawsAreEqual)
{
    EXPECT_TRUE(std::isnan(z_score(1.0, std::vector{0.5, 0.5, 0.5})));
}

TEST(LargestZ, ComparesTheLargestOverLayersWithThatOfEachDraw)
{
    // Layer 0: fresh mean 0, std 1; layer 1: mean 0, std 10. Trained z: 1.5 and 0.
    const std::vector<std::vector<double>> fresh{{-1, 0, 1}, {-10, 0, 10}};
    const std::vector train{1.5, 0.0};
    // Draws' largest |z|: 1, 0, 1: none reaches 1.5.
    EXPECT_DOUBLE_EQ(p_value_of_largest_z(train, fresh), 1.0 / 4.0);
    const std::vector smaller{0.5, 1.0};
    EXPECT_DOUBLE_EQ(p_value_of_largest_z(smaller, fresh), 3.0 / 4.0);
}

TEST(LargestZ, LeavesOutLayersWithoutAZ)
{
    const std::vector<std::vector<double>> fresh{{-1, 0, 1}, {nan, nan, nan}};
    EXPECT_DOUBLE_EQ(p_value_of_largest_z(std::vector{1.0, nan}, fresh), 3.0 / 4.0);
    EXPECT_TRUE(std::isnan(p_value_of_largest_z(std::vector{nan, nan}, fresh)));
}

TEST(LargestZ, LeavesOutDrawsThatLackALayer)
{
    const std::vector<std::vector<double>> fresh{{-1, 0, 1, 0}, {1, nan, 3, 2}};
    // Draw 1 lacks layer 1; of the other three none has |z| ≥ 9.
    EXPECT_DOUBLE_EQ(p_value_of_largest_z(std::vector{9.0, 2.0}, fresh), 1.0 / 4.0);
}

TEST(Compare, CountsUndefinedDraws)
{
    const auto compared = compare(0.5, std::vector{0.1, nan, 0.3});
    EXPECT_EQ(compared.draws, 3);
    EXPECT_EQ(compared.undefined_draws, 1);
    EXPECT_DOUBLE_EQ(compared.fresh_mean, 0.2);
    EXPECT_DOUBLE_EQ(compared.fresh_q500, 0.2);
}

TEST(Spread, HasARatioWhereAllHaveOneSign)
{
    const auto spread = spread_of(std::vector{-0.4, -0.1, nan, -0.2});
    EXPECT_EQ(spread.min, -0.4);
    EXPECT_EQ(spread.max, -0.1);
    EXPECT_DOUBLE_EQ(spread.ratio, 4.0);
    EXPECT_EQ(spread.sign_flips, 0);
    EXPECT_EQ(spread.defined, 3);
}

TEST(Spread, HasNoRatioButFlipsWhereSignsDiffer)
{
    const auto spread = spread_of(std::vector{0.4, -0.1, 0.2});
    EXPECT_TRUE(std::isnan(spread.ratio));
    EXPECT_EQ(spread.sign_flips, 1);
}

TEST(Spread, HasNoRatioWithAZero)
{
    EXPECT_TRUE(std::isnan(spread_of(std::vector{0.0, 0.2}).ratio));
}

TEST(Spread, OfNothingIsUndefined)
{
    EXPECT_TRUE(std::isnan(spread_of(std::vector{nan}).min));
}

TEST(ShareOfFirst, IsOfAbsoluteValues)
{
    EXPECT_DOUBLE_EQ(share_of_first(std::vector{-0.6, 0.1, -0.1}), 0.75);
}

TEST(ShareOfFirst, IsUndefinedWithAnUndefinedLayer)
{
    EXPECT_TRUE(std::isnan(share_of_first(std::vector{0.6, nan})));
}

} // namespace
