#include "diagnostics/verdict/scale.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fa::verdict {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Three samples around these medians.
Scale scale_of(const std::vector<double>& medians, const Thresholds& thresholds = {})
{
    std::vector<double> table;
    for (const double factor : {0.5, 1.0, 3.0})
        for (const double norm : medians)
            table.push_back(norm * factor);
    return judge_scale(table, medians.size(), thresholds);
}

TEST(Scale, PassesAGrowthOfExactlyTheRatio)
{
    const Scale scale = scale_of({2, 100});
    EXPECT_EQ(scale.state, State::passed);
    EXPECT_EQ(scale.max_growth, 50);
    EXPECT_TRUE(scale.reason.empty());
}

TEST(Scale, FiresJustAboveTheRatio)
{
    const Scale scale = scale_of({2, std::nextafter(100.0, 101.0)});
    EXPECT_EQ(scale.state, State::fired);
    EXPECT_EQ(scale.cause, "");
}

TEST(Scale, TakesTheLargestBlockNotTheProduct)
{
    const Scale scale = scale_of({1, 10, 100, 50});
    EXPECT_EQ(scale.state, State::passed);
    EXPECT_EQ(scale.growth, (std::vector<double>{10, 10, 0.5}));
    EXPECT_EQ(scale.max_growth, 10);
    EXPECT_EQ(scale.end_to_end_growth, 50);
    EXPECT_FALSE(scale.warns_of_end_to_end_growth);
}

TEST(Scale, WarnsOfAnEndToEndGrowthAboveFiftyWithoutFiring)
{
    const Scale scale = scale_of({1, 10, 100});
    EXPECT_EQ(scale.state, State::passed);
    EXPECT_TRUE(scale.warns_of_end_to_end_growth);
}

TEST(Scale, NamesTheBlockThatFired)
{
    const Scale scale = scale_of({1, 2, 200, 200});
    EXPECT_EQ(scale.state, State::fired);
    EXPECT_NE(scale.reason.find("block 2"), std::string::npos) << scale.reason;
}

TEST(Scale, ObeysAnOtherRatio)
{
    EXPECT_EQ(scale_of({1, 10}, {.h_norm_explosion_ratio = 9}).state, State::fired);
    EXPECT_EQ(scale_of({1, 10}, {.h_norm_explosion_ratio = 10}).state, State::passed);
}

TEST(Scale, FiresForOneNonFiniteNormOfAnySample)
{
    for (const double bad : {infinity, std::numeric_limits<double>::quiet_NaN()}) {
        std::vector<double> table(100 * 2, 1.0);
        table[121] = bad;
        const Scale scale = judge_scale(table, 2, {});
        EXPECT_EQ(scale.state, State::fired);
        EXPECT_EQ(scale.cause, "non-finite");
        EXPECT_EQ(scale.non_finite, 1U);
        EXPECT_EQ(scale.max_growth, 1.0) << "the medians of the others are still reported";
    }
}

TEST(Scale, FiresWhereADeadLayerMakesTheGrowthUndefined)
{
    const Scale scale = scale_of({0, 0, 1});
    EXPECT_EQ(scale.state, State::fired);
    EXPECT_EQ(scale.cause, "undefined");
    EXPECT_TRUE(std::isnan(scale.max_growth));
}

TEST(Scale, FiresWhereAStateGrowsFromNothing)
{
    const Scale scale = scale_of({0, 1});
    EXPECT_EQ(scale.state, State::fired);
    EXPECT_EQ(scale.max_growth, infinity);
}

TEST(Scale, DoesNotRunWithoutBlocks)
{
    const Scale scale = scale_of({3});
    EXPECT_EQ(scale.state, State::not_run);
    EXPECT_FALSE(scale.reason.empty());
}

} // namespace
} // namespace fa::verdict
