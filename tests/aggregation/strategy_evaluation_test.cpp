/// Many strategies at once: the same numbers as alone and as slow loops give.
#include "aggregation/strategy_evaluation.hpp"

#include "slow_strategies.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <vector>

using namespace fa::aggregation;
using namespace fa::testing;

namespace {

std::vector<Strategy> strategies_of(const std::map<std::string, double>& values)
{
    std::vector<Strategy> strategies;
    for (const auto& [text, value] : values) {
        strategies.emplace_back(text);
    }
    return strategies;
}

/// The same problem in float32 numbers.
Problem rounded(Problem problem)
{
    for (auto* values : {&problem.samples, &problem.batchvec, &problem.flat, &problem.concat}) {
        for (double& value : *values) {
            value = static_cast<double>(static_cast<float>(value));
        }
    }
    return problem;
}

struct FloatProblem {
    std::vector<float> samples, batchvec, flat, concat;

    explicit FloatProblem(const Problem& from)
        : samples(from.samples.begin(), from.samples.end()),
          batchvec(from.batchvec.begin(), from.batchvec.end()), flat(from.flat.begin(), from.flat.end()),
          concat(from.concat.begin(), from.concat.end())
    {
    }
    FreshGammaView view(const Problem& from) const
    {
        FreshGammaView view;
        view.batches = from.batches;
        view.batch_size = from.size;
        view.layers = from.layers;
        view.samples = samples;
        view.batchvec = batchvec;
        view.flat = flat;
        view.concat = concat;
        return view;
    }
};

void expect_same_bits(double value, double wanted, const std::string& what)
{
    if (std::isnan(wanted)) {
        EXPECT_TRUE(std::isnan(value)) << what;
    } else {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(wanted)) << what;
    }
}

TEST(StrategyEvaluation, OfAllStrategiesAgreesWithSlowLoopsProblemAfterProblem)
{
    const auto strategies = strategies_of(slow_values(invented(1, 1, 2, 0, 1)));
    StrategyEvaluation evaluate(strategies);
    // Shapes change and shrink: nothing of one evaluation may be left in the next.
    for (const auto& problem :
         {invented(8, 64, 5, 0, 1), invented(3, 7, 4, 0.3, 2), invented(8, 64, 5, 0.02, 3),
          invented(1, 5, 1, 0, 4), invented(4, 60, 20, 0, 5)}) {
        const auto slow = slow_values(problem);
        const auto values = evaluate(problem.view());
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            expect_same(values.strategies[i], slow.at(strategies[i].text()), strategies[i].text());
        }
        for (int layer = 0; layer < problem.layers; ++layer) {
            expect_same(values.layer_means[static_cast<std::size_t>(layer)],
                        slow_mean(of_layer(problem, layer)), "layer");
        }
    }
}

TEST(StrategyEvaluation, GivesTheBitsThatEachStrategyGivesAlone)
{
    for (const double undefined_share : {0.0, 0.1, 0.9}) {
        const auto problem = invented(8, 100, 5, undefined_share, 7);
        const auto strategies = strategies_of(slow_values(problem));
        StrategyEvaluation evaluate(strategies);
        const auto values = evaluate(problem.view());
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            expect_same_bits(values.strategies[i], strategies[i](problem.view()), strategies[i].text());
        }
    }
}

TEST(StrategyEvaluation, GivesTheSameBitsForFloat32AsForTheSameNumbersInDouble)
{
    for (const double undefined_share : {0.0, 0.1}) {
        const auto problem = rounded(invented(8, 100, 5, undefined_share, 8));
        const FloatProblem single(problem);
        const auto strategies = strategies_of(slow_values(problem));
        StrategyEvaluation in_double(strategies), in_float(strategies);
        const auto wanted = in_double(problem.view());
        const auto values = in_float(single.view(problem));
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            expect_same_bits(values.strategies[i], wanted.strategies[i], strategies[i].text());
        }
        for (std::size_t layer = 0; layer < wanted.layer_means.size(); ++layer) {
            expect_same_bits(values.layer_means[layer], wanted.layer_means[layer], "layer");
        }
    }
}

TEST(StrategyEvaluation, OfNoStrategiesStillHasTheLayersMeans)
{
    const auto problem = invented(2, 3, 4, 0, 9);
    StrategyEvaluation evaluate({});
    const auto values = evaluate(problem.view());
    EXPECT_TRUE(values.strategies.empty());
    for (int layer = 0; layer < 4; ++layer) {
        expect_same(values.layer_means[static_cast<std::size_t>(layer)], slow_mean(of_layer(problem, layer)),
                    "layer");
    }
}

TEST(StrategyEvaluation, OfNothingKeptIsUndefined)
{
    GammaView nothing;
    nothing.batches = 2;
    nothing.batch_size = 3;
    nothing.layers = 2;
    const auto strategies = default_strategies();
    StrategyEvaluation evaluate(strategies);
    const auto values = evaluate(nothing);
    for (const double value : values.strategies) {
        EXPECT_TRUE(std::isnan(value));
    }
    EXPECT_TRUE(std::isnan(values.layer_means[0]));
}

} // namespace
