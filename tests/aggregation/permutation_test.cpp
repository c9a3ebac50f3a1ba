#include "aggregation/permutation.hpp"
#include "aggregation/t_interval.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace fa::aggregation;

namespace {

using Columns = std::vector<std::vector<double>>;

TEST(TurnSigns, LooksAtAllPatternsOfFewPairs)
{
    // |Σ ±d| of 1, 2, 4: 7 5 3 1, each twice; as large as 3 (= −1 + 4 · 1 …) are 7, 5 and 3.
    const auto test = turn_signs(Columns{{1, -2, 4}});
    EXPECT_TRUE(test.exact);
    EXPECT_EQ(test.looked_at, 8U);
    EXPECT_DOUBLE_EQ(test.p[0], 6.0 / 8);
    EXPECT_DOUBLE_EQ(test.p_largest, 6.0 / 8);
    EXPECT_DOUBLE_EQ(test.smallest, 0.25);
}

TEST(TurnSigns, CannotGoBelowWhatThePairsAllow)
{
    const auto test = turn_signs(Columns{{5, 6, 7, 8}});
    EXPECT_DOUBLE_EQ(test.p[0], 0.125);
    EXPECT_DOUBLE_EQ(test.smallest, 0.125);
}

TEST(TurnSigns, CorrectsForTheNumberOfColumns)
{
    // The second column's largest z is reached by (+ + − −) too: it can only raise the joint p.
    const auto test = turn_signs(Columns{{5, 6, 7, 8}, {1, 1, -1, -1}});
    EXPECT_DOUBLE_EQ(test.p[0], 0.125);
    EXPECT_DOUBLE_EQ(test.p[1], 1.0);
    EXPECT_GT(test.p_largest, test.p[0]);
}

TEST(TurnSigns, OfNoDifferenceIsNoEvidence)
{
    const auto test = turn_signs(Columns{{0, 0, 0}});
    EXPECT_DOUBLE_EQ(test.p[0], 1.0);
    EXPECT_TRUE(std::isnan(test.p_largest)) << "a column without spread has no z";
}

TEST(TurnSigns, LeavesUndefinedColumnsOut)
{
    const auto test = turn_signs(Columns{{1, NAN, 2}, {1, 2, 3}});
    EXPECT_TRUE(std::isnan(test.p[0]));
    EXPECT_DOUBLE_EQ(test.p_largest, 0.25);
}

TEST(TurnSigns, DrawsPatternsOfManyPairs)
{
    std::mt19937 generator(1);
    std::normal_distribution<double> normal(0.3, 1.0);
    std::vector<double> differences(40);
    for (auto& difference : differences) {
        difference = normal(generator);
    }
    const auto test = turn_signs(Columns{differences});
    EXPECT_FALSE(test.exact);
    EXPECT_EQ(test.looked_at, most_rearrangements + 1);
    // With 40 pairs Σ ±d is about normal with variance Σ d².
    double sum = 0, squares = 0;
    for (const double difference : differences) {
        sum += difference;
        squares += difference * difference;
    }
    EXPECT_NEAR(test.p[0], std::erfc(std::abs(sum) / std::sqrt(2 * squares)), 0.015);
    EXPECT_DOUBLE_EQ(test.p[0], turn_signs(Columns{differences}).p[0]) << "keyed: the same each time";
}

TEST(ExchangeLabels, LooksAtAllOfFewRuns)
{
    // 20 ways to choose 3 of 6; {4, 5, 6} and its mirror are the most extreme.
    const auto test = exchange_labels(Columns{{4, 5, 6}}, Columns{{1, 2, 3}});
    EXPECT_TRUE(test.exact);
    EXPECT_EQ(test.looked_at, 20U);
    EXPECT_DOUBLE_EQ(test.p[0], 0.1);
    EXPECT_DOUBLE_EQ(test.smallest, 0.1);
}

TEST(ExchangeLabels, OfGroupsOfDifferentSizeHasNoMirror)
{
    const auto test = exchange_labels(Columns{{9}}, Columns{{1, 2, 3}});
    EXPECT_DOUBLE_EQ(test.p[0], 0.25);
    EXPECT_DOUBLE_EQ(test.smallest, 0.25);
}

TEST(ExchangeLabels, DrawsLabelsOfManyRuns)
{
    std::mt19937 generator(2);
    std::normal_distribution<double> normal;
    std::vector<double> first(30), second(50);
    for (auto& value : first) {
        value = normal(generator) + 0.4;
    }
    for (auto& value : second) {
        value = normal(generator);
    }
    const auto test = exchange_labels(Columns{first}, Columns{second});
    EXPECT_FALSE(test.exact);
    auto all = first;
    all.insert(all.end(), second.begin(), second.end());
    const double scale = standard_deviation(all) * std::sqrt(1.0 / 30 + 1.0 / 50);
    EXPECT_NEAR(test.p[0], std::erfc(std::abs(mean(first) - mean(second)) / scale / std::sqrt(2.0)), 0.015);
}

TEST(TInterval, IsThatOfTheClosedForm)
{
    // 1, 2, 3: mean 2, std 1; with two degrees of freedom t(p) = (2p − 1)·√(1/(2·p·(1 − p))).
    const double half = 0.95 * std::sqrt(1 / (2 * 0.975 * 0.025)) / std::sqrt(3.0);
    const auto interval = t_interval(std::vector<double>{1, 2, 3, NAN});
    EXPECT_NEAR(interval.low, 2 - half, 1e-12);
    EXPECT_NEAR(interval.high, 2 + half, 1e-12);
    EXPECT_TRUE(std::isnan(t_interval(std::vector<double>{1, NAN}).low));
}

TEST(WelchInterval, IsThatOfScipy)
{
    // scipy.stats.ttest_ind([1, 2, 3, 4], [2, 4, 9], equal_var=False).confidence_interval()
    const auto interval = welch_interval(std::vector<double>{1, 2, 3, 4}, std::vector<double>{2, 4, 9});
    EXPECT_NEAR(interval.low, -10.557543515568682, 1e-9);
    EXPECT_NEAR(interval.high, 5.557543515568682, 1e-9);
    EXPECT_TRUE(std::isnan(welch_interval(std::vector<double>{1}, std::vector<double>{2, 4}).low));
    EXPECT_TRUE(std::isnan(welch_interval(std::vector<double>{1, 1}, std::vector<double>{2, 2}).low));
}

} // namespace
