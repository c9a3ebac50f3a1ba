#include "diagnostics/verdict/median.hpp"

#include "diagnostics/verdict/judgement.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fa::verdict {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Median, IsTheMiddleOfAnOddCount)
{
    EXPECT_EQ(median({5, 1, 3}).value, 3);
}

TEST(Median, IsTheMeanOfTheMiddleTwoOfAnEvenCount)
{
    EXPECT_EQ(median({7, 1, 3, 4}).value, 3.5);
}

TEST(Median, OfTwoHugeNumbersDoesNotOverflow)
{
    EXPECT_EQ(median({1.5e308, 1.7e308}).value, 1.6e308);
}

TEST(Median, LeavesUndefinedValuesOutAndCountsThem)
{
    const Median result = median({undefined, 2, infinity, 4, 6});
    EXPECT_EQ(result.value, 4);
    EXPECT_EQ(result.undefined, 2U);
    EXPECT_EQ(result.count, 5U);
}

TEST(Median, OfNothingDefinedIsUndefined)
{
    EXPECT_TRUE(std::isnan(median({}).value));
    EXPECT_TRUE(std::isnan(median({undefined}).value));
}

TEST(Median, IsMostlyUndefinedAboveExactlyHalf)
{
    EXPECT_FALSE(median({undefined, undefined, 1, 2}).mostly_undefined());
    EXPECT_TRUE(median({undefined, undefined, undefined, 1, 2}).mostly_undefined());
}

TEST(Median, OfColumnsGoesDownTheRows)
{
    const std::vector<double> table{1, 10, 2, 30, 3, 20};
    EXPECT_EQ(values(column_medians(table, 2)), (std::vector<double>{2, 20}));
}

} // namespace
} // namespace fa::verdict
