#include "aggregation/bootstrap.hpp"

#include "aggregation/statistics.hpp"

#include "slow_strategies.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fa::aggregation;
using namespace fa::testing;

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

std::vector<Replicates> of_one_run(const DrawValues& values, std::size_t replicates)
{
    return over_draws(std::vector{&values}, replicates).front();
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
    const auto replicates = of_one_run({values}, 4000).front();
    EXPECT_NEAR(mean(replicates), mean(values), 0.005);
    EXPECT_NEAR(standard_deviation(replicates), std::sqrt(squares / 100 / 100), 0.003);
}

TEST(OverDraws, SkipWhatIsUndefinedStrategyByStrategy)
{
    const DrawValues values{{0.5, std::nan(""), 0.25}, {1, 2, 4}};
    const auto replicates = of_one_run(values, 50);
    for (std::uint32_t replicate = 0; replicate < 50; ++replicate) {
        for (std::size_t strategy = 0; strategy < 2; ++strategy) {
            std::vector<double> drawn;
            for (const auto draw : resampled(replicate, Factor::draws, 3)) {
                drawn.push_back(values[strategy][draw]);
            }
            expect_same(replicates[strategy][replicate], slow_mean(drawn), "mean of the draws");
        }
    }
}

/// The draws of runs are common: replicate k resamples the same ones in each run that has as many.
TEST(OverDraws, OfSeveralRunsAreThoseOfEachAlone)
{
    std::vector<DrawValues> runs;
    for (const std::size_t draws : {40000U, 3U, 40000U, 0U, 7U}) { // some fill more than one block
        DrawValues values(9, std::vector<double>(draws));
        for (auto& column : values) {
            for (auto& value : column) {
                value = std::sin(static_cast<double>(&value - column.data()) *
                                 (1.0 + static_cast<double>(runs.size())));
            }
        }
        runs.push_back(values);
    }
    runs[2][4][5] = std::nan("");
    std::vector<const DrawValues*> all;
    for (const auto& run : runs) {
        all.push_back(&run);
    }
    const auto together = over_draws(all, 20);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        EXPECT_EQ(together[i], of_one_run(runs[i], 20)) << "run " << i;
    }
    for (std::uint32_t replicate = 0; replicate < 20; ++replicate) {
        for (const std::size_t run : {0U, 2U, 4U}) {
            std::vector<double> drawn;
            for (const auto draw : resampled(replicate, Factor::draws, runs[run][4].size())) {
                drawn.push_back(runs[run][4][draw]);
            }
            expect_same(together[run][4][replicate], slow_mean(drawn), "mean of the draws");
        }
    }
}

TEST(OverDraws, OfNoDrawsAreNone)
{
    EXPECT_TRUE(of_one_run(DrawValues(1), 10).front().empty());
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

/// The problem of the batches drawn, as a problem of its own.
Problem redrawn(const Problem& problem, const std::vector<std::uint32_t>& batches)
{
    auto drawn = problem;
    const auto copy = [&](const Values& from, Values& to) {
        const auto per_batch = from.size() / static_cast<std::size_t>(problem.batches);
        to.clear();
        for (const auto batch : batches) {
            const auto begin = from.begin() + static_cast<std::ptrdiff_t>(batch * per_batch);
            to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(per_batch));
        }
    };
    copy(problem.samples, drawn.samples);
    copy(problem.batchvec, drawn.batchvec);
    copy(problem.flat, drawn.flat);
    copy(problem.concat, drawn.concat);
    return drawn;
}

void expect_the_strategies_of_redrawn_batches(const Problem& problem)
{
    std::vector<Strategy> strategies;
    for (const auto& [text, value] : slow_values(problem)) {
        strategies.emplace_back(text);
    }
    const auto replicates = over_batches(strategies, problem.view(), 30);
    for (std::uint32_t replicate = 0; replicate < 30; ++replicate) {
        const auto batches = resampled(replicate, Factor::batches, static_cast<std::size_t>(problem.batches));
        const auto slow = slow_values(redrawn(problem, batches));
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            expect_same(replicates[i][replicate], slow.at(strategies[i].text()), strategies[i].text());
        }
    }
}

TEST(OverBatches, AreEveryStrategyOfTheResampledBatches)
{
    expect_the_strategies_of_redrawn_batches(invented(8, 16, 5, 0, 1));
    expect_the_strategies_of_redrawn_batches(invented(5, 33, 3, 0.2, 2));
    expect_the_strategies_of_redrawn_batches(invented(2, 90, 2, 0.6, 3));
    expect_the_strategies_of_redrawn_batches(invented(4, 1, 3, 0.5, 4));
}

TEST(OverBatches, AreUndefinedWhereNoBatchDrawnHasALayer)
{
    auto problem = invented(3, 4, 3, 0, 5);
    for (std::size_t i = 1; i < problem.samples.size(); i += 3) {
        if (i >= 12) {
            problem.samples[i] = undefined; // layer 1 is defined in batch 0 alone
        }
    }
    expect_the_strategies_of_redrawn_batches(problem);
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
    const auto interval = interval_of(over_seeds(runs));
    EXPECT_DOUBLE_EQ(interval.low, quantile(means, 0.025));
    EXPECT_DOUBLE_EQ(interval.high, quantile(means, 0.975));
}

TEST(OverSeeds, OfOneRunIsUndefined)
{
    const std::vector<Replicates> runs{{0, 1, 2}};
    EXPECT_TRUE(over_seeds(runs).empty());
    EXPECT_TRUE(std::isnan(interval_of(over_seeds(runs)).low));
}

TEST(OverSeeds, CoversTheMeanOfManySeeds)
{
    // 40 seeds with means −1 … 1, no noise inside: half-width about 1.96·σ/√40 = .18.
    std::vector<Replicates> runs;
    for (int seed = 0; seed < 40; ++seed) {
        runs.emplace_back(1000, -1.0 + 2.0 * seed / 39.0);
    }
    const auto interval = interval_of(over_seeds(runs));
    EXPECT_NEAR(interval.low, -0.18, 0.03);
    EXPECT_NEAR(interval.high, 0.18, 0.03);
}

} // namespace
