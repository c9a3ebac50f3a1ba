/// Values of strategies against slow loops that know nothing of the evaluator.
#include "aggregation/strategy.hpp"
#include "aggregation/strategy_evaluation.hpp"

#include "slow_strategies.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <vector>

using namespace fa::aggregation;
using namespace fa::testing;

namespace {

TEST(StrategyValue, AgreesWithSlowLoops)
{
    for (const auto& problem : {invented(8, 16, 5, 0, 1), invented(3, 7, 4, 0, 2), invented(1, 5, 1, 0, 3)}) {
        for (const auto& [text, wanted] : slow_values(problem)) {
            expect_same(Strategy(text)(problem.view()), wanted, text);
        }
    }
}

TEST(StrategyValue, AgreesWithSlowLoopsWhereValuesAreUndefined)
{
    for (unsigned seed = 0; seed < 8; ++seed) {
        const auto problem = invented(4, 6, 3, 0.1 * seed, seed);
        for (const auto& [text, wanted] : slow_values(problem)) {
            expect_same(Strategy(text)(problem.view()), wanted, text);
        }
    }
}

TEST(StrategyValue, IsUndefinedWhereALayerIsWhollyUndefined)
{
    auto problem = invented(4, 6, 3, 0, 1);
    for (std::size_t i = 2; i < problem.samples.size(); i += 3) {
        problem.samples[i] = undefined;
    }
    for (const auto* text : {"pooled=mean,layers=mean", "layers=mean,pooled=median",
                             "layers=median,pooled=mean", "angle,layers=mean", "pooled=mean,blocks=mean"}) {
        EXPECT_TRUE(std::isnan(Strategy(text)(problem.view()))) << text;
    }
}

TEST(StrategyValue, OverBlocksDoesNotNeedLayerZero)
{
    auto problem = invented(4, 6, 3, 0, 1);
    const double before = Strategy("pooled=mean,blocks=mean")(problem.view());
    for (std::size_t i = 0; i < problem.samples.size(); i += 3) {
        problem.samples[i] = undefined;
    }
    EXPECT_EQ(Strategy("pooled=mean,blocks=mean")(problem.view()), before);
}

TEST(StrategyValue, OverBlocksOfANetworkWithoutBlocksIsUndefined)
{
    const auto problem = invented(4, 6, 1, 0, 1);
    EXPECT_TRUE(std::isnan(Strategy("pooled=mean,blocks=mean")(problem.view())));
}

TEST(StrategyValue, OfAnAngleBeyondOneByRoundingIsDefined)
{
    Problem problem{1, 2, 1, {1.0 + 1e-15, 1.0}, {}, {}, {}};
    EXPECT_EQ(Strategy("angle,layers=mean")(problem.view()), 1.0);
}

TEST(StrategyValue, CountsTheUndefinedValuesItStartsFrom)
{
    Problem problem{2,
                    2,
                    2,
                    {undefined, 1, 1, undefined, undefined, 1, 1, undefined},
                    {undefined, 1, 1, 1},
                    {1, 1, 1, 1},
                    {undefined, undefined, 1, undefined}};
    EXPECT_EQ(Strategy("pooled=mean,layers=mean").undefined_values(problem.view()), 4);
    EXPECT_EQ(Strategy("pooled=mean,blocks=mean").undefined_values(problem.view()), 2);
    EXPECT_EQ(Strategy("batchvec,batches=mean,layers=mean").undefined_values(problem.view()), 1);
    EXPECT_EQ(Strategy("flat,batches=mean,layers=mean").undefined_values(problem.view()), 0);
    EXPECT_EQ(Strategy("concat,pooled=mean").undefined_values(problem.view()), 3);
}

TEST(StrategyValue, RefusesAViewWhoseSizesDisagree)
{
    auto problem = invented(4, 6, 3, 0, 1);
    problem.samples.pop_back();
    EXPECT_THROW(Strategy("pooled=mean,layers=mean")(problem.view()), std::invalid_argument);
}

/// The view that `--keep batches` leaves, with the memory it looks at.
struct Kept {
    Problem problem;
    Values mean, median, iqm, angle, count;

    explicit Kept(const Problem& from) : problem(from)
    {
        for (int batch = 0; batch < problem.batches; ++batch) {
            for (int layer = 0; layer < problem.layers; ++layer) {
                Values inside, angles;
                for (int sample = 0; sample < problem.size; ++sample) {
                    inside.push_back(problem.at(batch, sample, layer));
                    angles.push_back(std::acos(inside.back()));
                }
                mean.push_back(slow_mean(inside));
                median.push_back(slow_median(inside));
                iqm.push_back(slow_iqm(inside));
                angle.push_back(slow_mean(angles));
                count.push_back(static_cast<double>(without_nan(inside).size()));
            }
        }
    }
    GammaView view() const
    {
        auto view = problem.view();
        view.samples = {};
        view.batch_mean = mean;
        view.batch_median = median;
        view.batch_iqm = iqm;
        view.batch_angle = angle;
        view.batch_count = count;
        return view;
    }
};

TEST(KeptBatches, GiveTheSameNumbersWhereTheySuffice)
{
    for (unsigned seed = 0; seed < 6; ++seed) {
        const auto problem = invented(4, 6, 3, 0.15 * seed, seed);
        const Kept kept(problem);
        for (const auto* text :
             {"pooled=mean,layers=mean", "pooled=mean,layers=median",
              "samples=mean,batches=median,layers=mean", "samples=median,batches=mean,layers=mean",
              "samples=iqm,batches=mean,layers=iqm", "angle,layers=mean", "pooled=mean,blocks=mean",
              "batchvec,batches=mean,layers=mean", "flat,batches=mean,layers=mean", "concat,pooled=mean",
              "samples=mean,layers=mean,batches=median"}) {
            const Strategy strategy(text);
            ASSERT_TRUE(strategy.computable(kept.view())) << text;
            expect_same(strategy(kept.view()), strategy(problem.view()), text);
        }
    }
}

TEST(KeptBatches, DoNotSufficeForStrategiesThatNeedTheSamples)
{
    const Kept kept(invented(4, 6, 3, 0, 1));
    for (const auto* text :
         {"pooled=median,layers=mean", "pooled=iqm,layers=mean", "layers=mean,pooled=median",
          "layers=median,pooled=mean", "batches=mean,samples=mean,layers=mean"}) {
        EXPECT_FALSE(Strategy(text).computable(kept.view())) << text;
        EXPECT_TRUE(std::isnan(Strategy(text)(kept.view()))) << text;
    }
}

TEST(StrategyValue, IsComputableForAllFourteenWithSamplesAndVectorForms)
{
    const auto problem = invented(4, 6, 3, 0, 1);
    for (const auto& strategy : default_strategies()) {
        EXPECT_TRUE(strategy.computable(problem.view())) << strategy.text();
    }
}

TEST(StrategyValue, TwoHundredDrawsOfAThousandSamplesTakeASecondsFraction)
{
    const auto problem = invented(8, 128, 5, 0, 1);
    const auto strategies = default_strategies();
    StrategyEvaluation evaluate(strategies);
    double sum = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int draw = 0; draw < 200; ++draw) {
        for (const double value : evaluate(problem.view()).strategies) {
            sum += value;
        }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    RecordProperty("milliseconds", static_cast<int>(1000 * seconds.count()));
    EXPECT_TRUE(std::isfinite(sum));
#ifdef NDEBUG
    EXPECT_LT(seconds.count(), 1.0); // about 0.03 s alone; a shared or instrumented machine is slower
#endif
}

} // namespace
