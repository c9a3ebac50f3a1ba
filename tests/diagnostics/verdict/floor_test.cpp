#include "diagnostics/verdict/floor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fa::verdict {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One layer, so that the table is the last layer's column.
Floor floor_of(const std::vector<double>& gradient_norm, const std::vector<double>& error_norm,
               const Thresholds& thresholds = {})
{
    return judge_floor(gradient_norm, error_norm, 1, thresholds);
}

TEST(Floor, PassesANormOfExactlyTheFloor)
{
    EXPECT_EQ(floor_of({1e-7}, {1}).state, State::passed);
    EXPECT_EQ(floor_of({std::nextafter(1e-7, 0)}, {1}).state, State::fired);
}

TEST(Floor, JudgesTheMedianOfTheLastLayer)
{
    const std::vector<double> gradient_norm{1e-20, 1e-3, 1e-20, 1e-4, 1e-20, 1e-9};
    const Floor floor = judge_floor(gradient_norm, std::vector<double>{1, 1, 1}, 2, {});
    EXPECT_EQ(floor.state, State::passed);
    EXPECT_EQ(floor.last_gradient_norm, 1e-4);
    EXPECT_EQ(floor.gradient_norm, (std::vector<double>{1e-20, 1e-4}));
}

TEST(Floor, NamesTheScaleWhereTheGradientPerErrorIsBelowTheFloorToo)
{
    const Floor floor = floor_of({1e-10, 1e-9, 1e-10}, {0.5, 0.5, 0.5});
    EXPECT_EQ(floor.state, State::fired);
    EXPECT_EQ(floor.cause, "scale");
    EXPECT_DOUBLE_EQ(floor.last_gradient_per_error, 2e-10);
}

TEST(Floor, NamesASaturatedLossWhereOnlyTheErrorsAreTiny)
{
    const Floor floor = floor_of({1e-10, 1e-9, 1e-10}, {1e-8, 1e-7, 1e-8});
    EXPECT_EQ(floor.state, State::fired);
    EXPECT_EQ(floor.cause, "saturated loss");
    EXPECT_DOUBLE_EQ(floor.last_gradient_per_error, 1e-2);
}

TEST(Floor, CallsErrorsThatAreExactlyZeroASaturatedLoss)
{
    const Floor floor = floor_of({0, 0, 0}, {0, 0, 0});
    EXPECT_EQ(floor.state, State::fired);
    EXPECT_EQ(floor.cause, "saturated loss");
    EXPECT_EQ(floor.last_gradient_norm, 0);
}

TEST(Floor, LeavesHalfUndefinedOutAndFiresForMore)
{
    EXPECT_EQ(floor_of({nan, nan, 1e-3, 1e-3}, {1, 1, 1, 1}).state, State::passed);
    const Floor floor = floor_of({nan, nan, nan, 1e-3, 1e-3}, {1, 1, 1, 1, 1});
    EXPECT_EQ(floor.state, State::fired);
    EXPECT_EQ(floor.cause, "undefined");
    EXPECT_NE(floor.reason.find("3 of 5"), std::string::npos) << floor.reason;
}

TEST(Floor, ObeysAnotherFloor)
{
    EXPECT_EQ(floor_of({1e-7}, {1}, {.g_norm_floor = 1e-6}).state, State::fired);
}

} // namespace
} // namespace fa::verdict
