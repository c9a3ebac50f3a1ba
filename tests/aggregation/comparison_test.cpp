#include "aggregation/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

using namespace fa::aggregation;
using testing::Contains;
using testing::HasSubstr;

namespace {

/// A group of runs with Γ_train values by seed, one strategy and two layers (the value, and its double).
struct Invented {
    Group group;
    std::deque<RunResult> results;
    std::vector<GroupMember> members;

    Invented(std::string name, const std::vector<std::pair<std::optional<std::uint64_t>, double>>& runs)
    {
        group.name = std::move(name);
        group.n = runs.size();
        group.strategies.push_back({.strategy = "pooled=mean,layers=mean", .train = {}, .fresh = {}});
        for (const auto& [seed, value] : runs) {
            auto& result = results.emplace_back();
            result.has_train = true;
            StrategyResult strategy;
            strategy.gamma.train = value;
            result.strategies.push_back(strategy);
            result.layers.resize(2);
            result.layers[0].gamma.train = value;
            result.layers[1].gamma.train = 2 * value;
            members.push_back({&result, seed, {}, {}});
        }
    }
    ComparedGroup compared() const { return {&group, members}; }
};

Comparison first_of(const Invented& one, const Invented& other)
{
    return compare_groups(one.compared(), other.compared()).at(0);
}

TEST(Comparison, PairsRunsOfTheSameSeed)
{
    const Invented one("one", {{1, 0.5}, {2, 0.7}, {3, 0.9}});
    const Invented other("other", {{3, 0.6}, {1, 0.1}, {2, 0.4}});
    const auto result = first_of(one, other);
    EXPECT_TRUE(result.paired);
    EXPECT_EQ(result.n, 3U);
    EXPECT_NEAR(result.difference, (0.4 + 0.3 + 0.3) / 3, 1e-15);
    EXPECT_NEAR(result.std, std::sqrt(1.0 / 300), 1e-12);
    EXPECT_DOUBLE_EQ(result.p, 0.25);
    EXPECT_DOUBLE_EQ(result.p_max_layer, 0.25);
    EXPECT_THAT(result.warnings, Contains(HasSubstr("p can't go below 0.25")));
}

TEST(Comparison, LeavesOutRunsWithoutACounterpartAndSaysSo)
{
    const Invented one("one", {{1, 0.5}, {2, 0.7}, {9, 100}});
    const Invented other("other", {{1, 0.1}, {2, 0.4}});
    const auto result = first_of(one, other);
    EXPECT_NEAR(result.difference, 0.35, 1e-15);
    EXPECT_THAT(result.warnings, Contains(HasSubstr("no counterpart")));
}

TEST(Comparison, TakesGroupsWithoutCommonSeedsAsIndependent)
{
    const Invented one("one", {{1, 4}, {2, 5}, {3, 6}});
    const Invented other("other", {{4, 1}, {5, 2}, {6, 3}});
    const auto result = first_of(one, other);
    EXPECT_FALSE(result.paired);
    EXPECT_DOUBLE_EQ(result.difference, 3);
    EXPECT_DOUBLE_EQ(result.p, 0.1);
    EXPECT_TRUE(std::isnan(result.std));
    // Equal variances 1 and sizes: four degrees of freedom, t(0.975, 4) = 2.776445.
    EXPECT_NEAR(result.t.high - 3, 2.776445 * std::sqrt(2.0 / 3), 1e-5);
    EXPECT_THAT(result.warnings, Contains(HasSubstr("independent")));
}

TEST(Comparison, DoesNotPairSeedsThatAreUnknownOrStandTwice)
{
    const Invented twice("twice", {{1, 0.5}, {1, 0.7}}), unknown("unknown", {{1, 0.5}, {std::nullopt, 0.6}});
    const Invented other("other", {{1, 0.1}, {2, 0.2}});
    EXPECT_FALSE(first_of(twice, other).paired);
    EXPECT_FALSE(first_of(unknown, other).paired);
}

TEST(Comparison, OfOneRunEachHasADifferenceAndNothingElse)
{
    const auto result = first_of(Invented("one", {{7, 0.5}}), Invented("other", {{7, 0.2}}));
    EXPECT_TRUE(result.paired);
    EXPECT_DOUBLE_EQ(result.difference, 0.3);
    EXPECT_TRUE(std::isnan(result.t.low));
    EXPECT_DOUBLE_EQ(result.p, 1.0);
    EXPECT_THAT(result.warnings, Contains(HasSubstr("n = 1")));
}

TEST(Comparison, SaysWhereAllDifferencesAreEqual)
{
    const auto result = first_of(Invented("one", {{1, 2}, {2, 3}}), Invented("other", {{1, 1}, {2, 2}}));
    EXPECT_THAT(result.warnings, Contains(HasSubstr("all differences are equal")));
}

TEST(Comparison, SaysWhereGammaIsNotInterpretable)
{
    const Invented one("one", {{1, 2}, {2, 3}});
    Invented other("other", {{1, 1}, {2, 2}});
    other.group.not_interpretable = 1;
    EXPECT_THAT(first_of(one, other).warnings, Contains(HasSubstr("in 1 of 2 runs of other")));
}

TEST(Comparison, TakesTheDifferenceOfTheReplicatesOfPairs)
{
    Invented one("one", {{1, 2}, {2, 3}}), other("other", {{1, 1}, {2, 2}});
    one.members[0].train = {{5, 6, 7}};
    one.members[1].train = {{1, 2, 9}};
    other.members[0].train = {{1, 1, 1}};
    other.members[1].train = {{0, 0, 2}};
    const std::vector<Replicates> differences{{4, 5, 6}, {1, 2, 7}};
    std::vector<double> means;
    for (std::uint32_t replicate = 0; replicate < 3; ++replicate) {
        double sum = 0;
        for (const auto pair : resampled(replicate, Factor::seeds, 2)) {
            sum += differences[pair][replicate];
        }
        means.push_back(sum / 2);
    }
    const auto result = first_of(one, other);
    EXPECT_DOUBLE_EQ(result.interval.low, quantile(means, 0.025));
    EXPECT_DOUBLE_EQ(result.interval.high, quantile(means, 0.975));
    EXPECT_EQ(result.replicates, 3U);
}

TEST(Comparison, OfManyGroupsIsWithTheFirstAlone)
{
    std::deque<Invented> groups;
    std::vector<ComparedGroup> compared;
    for (std::size_t i = 0; i <= most_groups_in_pairs; ++i) {
        groups.emplace_back("group " + std::to_string(i),
                            std::vector<std::pair<std::optional<std::uint64_t>, double>>{{1, 0.5}});
        compared.push_back(groups.back().compared());
    }
    for (const auto& one : compare_all(compared)) {
        EXPECT_EQ(one.group, "group 0");
    }
    compared.pop_back();
    // 190 pairs, each a strategy and two layers.
    EXPECT_EQ(compare_all(compared).size(), 190U * 3);
}

TEST(GroupDraws, GiveRunsWithFeedbackOfTheirOwnDrawsOfTheirOwn)
{
    const std::vector<std::vector<double>> runs{{1, 2, 3, 4}, {10, 20, 30, 40}};
    EXPECT_EQ(group_draws(runs, true), (std::vector<double>{5.5, 11, 16.5, 22}));
    EXPECT_EQ(group_draws(runs, false), (std::vector<double>{15.5, 21, 6.5, 12}));
    EXPECT_TRUE(group_draws(std::vector<std::vector<double>>{{1, 2}, {1}}, true).empty());
}

} // namespace
