#include "aggregation/bootstrap.hpp"

#include "aggregation/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fa::aggregation;

namespace {

TEST(Resampled, IsTheSameForTheSameReplicateAndFactor)
{
    EXPECT_EQ(resampled(7, Factor::draws, 50), resampled(7, Factor::draws, 50));
}

TEST(Resampled, DiffersBetweenReplicatesAndFactors)
{
    EXPECT_NE(resampled(7, Factor::draws, 50), resampled(8, Factor::draws, 50));
    EXPECT_NE(resampled(7, Factor::draws, 50), resampled(7, Factor::batches, 50));
}

TEST(Resampled, DrawsEveryIndexEquallyOften)
{
    constexpr std::size_t count = 7;
    constexpr std::uint32_t replicates = 4000;
    std::vector<int> often(count, 0);
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        for (const auto index : resampled(replicate, Factor::seeds, count)) {
            ASSERT_LT(index, count);
            ++often[index];
        }
    }
    // Expected 4000 each, binomial standard deviation 58.6.
    for (const int times : often) {
        EXPECT_NEAR(times, 4000, 5 * 58.6);
    }
}

TEST(OverDraws, HaveTheStandardErrorOfAMean)
{
    std::vector<double> values(100);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = std::sin(static_cast<double>(i));
    }
    double squares = 0;
    for (const double value : values) {
        squares += std::pow(value - mean(values), 2);
    }
    const auto replicates = over_draws(values, 4000);
    EXPECT_NEAR(mean(replicates), mean(values), 0.005);
    EXPECT_NEAR(standard_deviation(replicates), std::sqrt(squares / 100 / 100), 0.003);
}

TEST(OverDraws, OfNoDrawsAreNone)
{
    EXPECT_TRUE(over_draws({}, 10).empty());
}

TEST(OverBatches, AreTheStrategyOfTheResampledBatches)
{
    // 3 batches of 2 samples, 2 layers.
    const std::vector<double> gamma{0.1, 0.2, 0.3, 0.4, -0.1, -0.2, -0.3, -0.4, 0.5, 0.6, 0.7, 0.8};
    GammaView view;
    view.batches = 3;
    view.batch_size = 2;
    view.layers = 2;
    view.samples = gamma;
    const std::vector<Strategy> strategies{Strategy("pooled=median,layers=mean")};
    const auto replicates = over_batches(strategies, view, 20);
    ASSERT_EQ(replicates.front().size(), 20U);
    for (std::uint32_t replicate = 0; replicate < 20; ++replicate) {
        double sum = 0;
        for (std::size_t layer = 0; layer < 2; ++layer) {
            std::vector<double> column;
            for (const auto batch : resampled(replicate, Factor::batches, 3)) {
                column.push_back(gamma[batch * 4 + layer]);
                column.push_back(gamma[batch * 4 + 2 + layer]);
            }
            sum += median(column);
        }
        EXPECT_NEAR(replicates.front()[replicate], sum / 2, 1e-15);
    }
}

TEST(OverSeeds, ResamplesTheRunsOfEachReplicate)
{
    const std::vector<Replicates> runs{{0, 10, 20}, {1, 11, 21}};
    std::vector<double> means;
    for (std::uint32_t replicate = 0; replicate < 3; ++replicate) {
        double sum = 0;
        for (const auto run : resampled(replicate, Factor::seeds, 2)) {
            sum += runs[run][replicate];
        }
        means.push_back(sum / 2);
    }
    const auto interval = over_seeds(runs);
    EXPECT_DOUBLE_EQ(interval.low, quantile(means, 0.025));
    EXPECT_DOUBLE_EQ(interval.high, quantile(means, 0.975));
}

TEST(OverSeeds, OfOneRunIsUndefined)
{
    const std::vector<Replicates> runs{{0, 1, 2}};
    EXPECT_TRUE(std::isnan(over_seeds(runs).low));
}

TEST(OverSeeds, CoversTheMeanOfManySeeds)
{
    // 40 seeds with means −1 … 1, no noise inside: half-width about 1.96·σ/√40 = .18.
    std::vector<Replicates> runs;
    for (int seed = 0; seed < 40; ++seed) {
        runs.emplace_back(1000, -1.0 + 2.0 * seed / 39.0);
    }
    const auto interval = over_seeds(runs);
    EXPECT_NEAR(interval.low, -0.18, 0.03);
    EXPECT_NEAR(interval.high, 0.18, 0.03);
}

} // namespace
