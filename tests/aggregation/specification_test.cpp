#include "aggregation/specification.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace fa::aggregation;

namespace {

using Columns = std::vector<std::vector<double>>;

/// Draws [strategies][R] of strategies that see one common value and noise of their own.
Columns correlated_draws(std::mt19937& generator, std::size_t strategies, std::size_t draws, double common)
{
    std::normal_distribution<double> normal;
    Columns values(strategies, std::vector<double>(draws));
    for (std::size_t draw = 0; draw < draws; ++draw) {
        const double shared = normal(generator);
        for (auto& strategy : values) {
            strategy[draw] = common * shared + std::sqrt(1 - common * common) * normal(generator);
        }
    }
    return values;
}

/// Takes the last value of each column off and returns them.
std::vector<double> take_last(Columns& columns)
{
    std::vector<double> last;
    for (auto& column : columns) {
        last.push_back(column.back());
        column.pop_back();
    }
    return last;
}

double slow_quantile(std::vector<double> values, double level)
{
    std::sort(values.begin(), values.end());
    const double place = level * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
}

TEST(Specification, SortsTheStrategiesByTheirTrainedValue)
{
    const auto result = specification_of(std::vector<double>{0.3, NAN, -0.1}, Columns(3, {0.1, 0.2}));
    ASSERT_EQ(result.curve.size(), 3U);
    EXPECT_EQ(result.curve[0].strategy, 2U);
    EXPECT_EQ(result.curve[1].strategy, 0U);
    EXPECT_EQ(result.curve[2].strategy, 1U) << "what is undefined stands last";
}

TEST(Specification, WithoutATrainedValueIsTheCurveOfTheDrawsAndNoTest)
{
    const auto result = specification_of(std::vector<double>{NAN, NAN}, Columns{{3, 4, 5}, {1, 2, 3}});
    EXPECT_EQ(result.curve[0].strategy, 1U);
    EXPECT_DOUBLE_EQ(result.curve[0].middle, 2);
    EXPECT_TRUE(std::isnan(result.median.p));
    EXPECT_EQ(result.reason, "no Γ_train to test");
}

TEST(Specification, WithoutDrawsHasNoRangeAndNoTest)
{
    const auto result = specification_of(std::vector<double>{0.5}, Columns(1));
    EXPECT_TRUE(std::isnan(result.curve[0].low));
    EXPECT_FALSE(result.curve[0].beyond);
    EXPECT_EQ(result.reason, "no fresh draws to test against");
}

TEST(Specification, JointStatisticsAreThoseOfASlowLoop)
{
    std::mt19937 generator(3);
    auto columns = correlated_draws(generator, 5, 40, 0.6);
    const auto train = take_last(columns);
    const auto result = specification_of(train, columns);
    // Each of the 40 values, the trained one among them, takes the trained one's place in turn.
    std::vector<double> medians, signs, beyond;
    for (std::size_t i = 0; i < 40; ++i) {
        std::vector<double> values;
        double outside = 0;
        for (std::size_t k = 0; k < 5; ++k) {
            auto all = columns[k];
            all.insert(all.begin(), train[k]);
            values.push_back(all[i]);
            outside += all[i] < slow_quantile(all, 0.025) || all[i] > slow_quantile(all, 0.975) ? 1 : 0;
        }
        medians.push_back(std::abs(slow_quantile(values, 0.5)));
        const auto positive = std::count_if(values.begin(), values.end(), [](double v) { return v > 0; });
        signs.push_back(static_cast<double>(std::max<std::ptrdiff_t>(positive, 5 - positive)) / 5);
        beyond.push_back(outside / 5);
    }
    const auto p = [](const std::vector<double>& of_all) {
        return static_cast<double>(std::count_if(of_all.begin(), of_all.end(),
                                                 [&](double value) { return value >= of_all.front(); })) /
               static_cast<double>(of_all.size());
    };
    EXPECT_EQ(result.strategies, 5U);
    EXPECT_EQ(result.draws, 39U);
    EXPECT_DOUBLE_EQ(std::abs(result.median.value), medians.front());
    EXPECT_DOUBLE_EQ(result.median.p, p(medians));
    EXPECT_DOUBLE_EQ(result.one_sign.value, signs.front());
    EXPECT_DOUBLE_EQ(result.one_sign.p, p(signs));
    EXPECT_DOUBLE_EQ(result.beyond.value, beyond.front());
    EXPECT_DOUBLE_EQ(result.beyond.p, p(beyond));
}

TEST(Specification, LeavesOutStrategiesAndDrawsWithoutValues)
{
    const Columns fresh{{0.1, -0.2, NAN, 0.3}, {0.1, 0.1, 0.1, 0.1}, {NAN, NAN, NAN, NAN}};
    const auto result = specification_of(std::vector<double>{0.5, NAN, 0.4}, fresh);
    EXPECT_EQ(result.strategies, 1U);
    EXPECT_EQ(result.draws, 3U);
    EXPECT_DOUBLE_EQ(result.median.p, 0.25);
}

/// Where the trained value is one more draw, a test of level 5 % rejects in at most 5 % of all cases, however
/// the strategies hang together.
TEST(Specification, KeepsItsLevelUnderTheNull)
{
    std::mt19937 generator(11);
    constexpr int audits = 2000;
    std::array<int, 3> rejected{};
    for (int audit = 0; audit < audits; ++audit) {
        auto columns = correlated_draws(generator, 6, 60, 0.8);
        const auto train = take_last(columns);
        const auto result = specification_of(train, columns);
        rejected[0] += result.median.p <= 0.05 ? 1 : 0;
        rejected[1] += result.one_sign.p <= 0.05 ? 1 : 0;
        rejected[2] += result.beyond.p <= 0.05 ? 1 : 0;
    }
    // Binomial standard deviation of the share: 0.0049.
    EXPECT_NEAR(rejected[0] / double{audits}, 0.05, 4 * 0.0049);
    EXPECT_LE(rejected[1] / double{audits}, 0.05 + 4 * 0.0049);
    EXPECT_LE(rejected[2] / double{audits}, 0.05 + 4 * 0.0049);
}

TEST(Specification, FindsAnEffectInEveryStrategy)
{
    std::mt19937 generator(12);
    const auto columns = correlated_draws(generator, 6, 199, 0.8);
    const auto result = specification_of(std::vector<double>(6, 5.0), columns);
    EXPECT_DOUBLE_EQ(result.median.p, 0.005);
    EXPECT_DOUBLE_EQ(result.beyond.value, 1.0);
    EXPECT_LT(result.beyond.p, 0.05);
}

} // namespace
