#include "diagnostics/verdict/drift.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace fa::verdict {
namespace {

/// Every pair has this cosine.
std::vector<double> equal_cosines(std::size_t batches, double cosine)
{
    std::vector<double> matrix(batches * batches, cosine);
    for (std::size_t batch = 0; batch < batches; ++batch)
        matrix[batch * batches + batch] = 1;
    return matrix;
}

void set(std::vector<double>& matrix, std::size_t batches, std::size_t i, std::size_t j, double cosine)
{
    matrix[i * batches + j] = matrix[j * batches + i] = cosine;
}

void undefine(std::vector<double>& matrix, std::size_t batches, std::size_t batch)
{
    for (std::size_t other = 0; other < batches; ++other)
        set(matrix, batches, batch, other, undefined);
}

TEST(Drift, PassesACosineOfExactlyTheCeilingAndFiresAbove)
{
    EXPECT_EQ(judge_drift(equal_cosines(8, 0.25), 1, 8, {.stability_drift_ceiling = 0.25}).state,
              State::passed);
    EXPECT_EQ(judge_drift(equal_cosines(8, 0.26), 1, 8, {.stability_drift_ceiling = 0.25}).state,
              State::fired);
    EXPECT_EQ(judge_drift(equal_cosines(8, 0.31), 1, 8, {}).state, State::fired);
    EXPECT_EQ(judge_drift(equal_cosines(8, -0.9), 1, 8, {}).state, State::passed);
}

TEST(Drift, IsTheMeanOverPairsOfBatches)
{
    auto matrix = equal_cosines(8, 0.0);
    set(matrix, 8, 2, 5, 0.7); // one of 28 pairs
    EXPECT_NEAR(stability(matrix, 8).value, 0.7 / 28, 1e-15);
}

TEST(Drift, IntervalIsTheJackknifesByHand)
{
    // One pair at 1, the other 27 at 0: leaving out either of its batches gives 0, any other of the six 1/21.
    // Mean of the eight: 6/168 = 1/28. Deviations: 2 × (1/28)² + 6 × (1/84)² = 24/7056; × 7/8 = 21/7056.
    auto matrix = equal_cosines(8, 0.0);
    set(matrix, 8, 0, 1, 1.0);
    const double half = 2.364624251592785 * std::sqrt(21.0 / 7056.0); // t(0.975, 7) of printed tables
    const Stability result = stability(matrix, 8);
    EXPECT_NEAR(result.interval.low, 1.0 / 28 - half, 1e-12);
    EXPECT_NEAR(result.interval.high, 1.0 / 28 + half, 1e-12);
}

TEST(Drift, IsMarginalWhereTheIntervalSpansTheCeiling)
{
    auto matrix = equal_cosines(8, 0.0);
    set(matrix, 8, 0, 1, 1.0); // 0.036 ± 0.129
    const Drift passed = judge_drift(matrix, 1, 8, {.stability_drift_ceiling = 0.1});
    EXPECT_EQ(passed.state, State::passed);
    EXPECT_TRUE(passed.marginal);
    const Drift fired = judge_drift(matrix, 1, 8, {.stability_drift_ceiling = 0.0});
    EXPECT_EQ(fired.state, State::fired);
    EXPECT_TRUE(fired.marginal);
    EXPECT_FALSE(judge_drift(matrix, 1, 8, {.stability_drift_ceiling = 0.2}).marginal);
}

TEST(Drift, DoesNotRunWithSevenBatches)
{
    const Drift drift = judge_drift(equal_cosines(7, 0.9), 1, 7, {});
    EXPECT_EQ(drift.state, State::not_run);
    EXPECT_EQ(drift.reason, "7 batches, at least 8 are needed");
    EXPECT_TRUE(std::isnan(drift.stability));
    EXPECT_FALSE(drift.marginal);
}

TEST(Drift, DoesNotRunWithSevenDefinedBatchesOfEight)
{
    auto matrix = equal_cosines(8, 0.9);
    undefine(matrix, 8, 3);
    const Drift drift = judge_drift(matrix, 1, 8, {});
    EXPECT_EQ(drift.state, State::not_run);
    EXPECT_NE(drift.reason.find("7 of 8 batches"), std::string::npos) << drift.reason;
}

TEST(Drift, UsesTheDefinedBatchesOfMore)
{
    auto matrix = equal_cosines(10, 0.9);
    undefine(matrix, 10, 0);
    undefine(matrix, 10, 6);
    const Drift drift = judge_drift(matrix, 1, 10, {});
    EXPECT_EQ(drift.state, State::fired);
    EXPECT_NEAR(drift.stability, 0.9, 1e-15);
    EXPECT_EQ(drift.layers[0].defined_batches, 8U);
}

TEST(Drift, JudgesTheMiddleLayerAndReportsEveryOne)
{
    for (const auto& [layers, judged] : {std::pair<std::size_t, std::size_t>{5, 2}, {4, 1}, {2, 0}, {1, 0}}) {
        std::vector<double> cosines;
        for (std::size_t layer = 0; layer < layers; ++layer) {
            const auto matrix = equal_cosines(8, 0.1 * static_cast<double>(layer));
            cosines.insert(cosines.end(), matrix.begin(), matrix.end());
        }
        const Drift drift = judge_drift(cosines, layers, 8, {});
        EXPECT_EQ(drift.judged_layer, judged);
        EXPECT_NEAR(drift.stability, 0.1 * static_cast<double>(judged), 1e-15);
        ASSERT_EQ(drift.layers.size(), layers);
        EXPECT_NEAR(drift.layers.back().value, 0.1 * static_cast<double>(layers - 1), 1e-15);
    }
}

} // namespace
} // namespace fa::verdict
