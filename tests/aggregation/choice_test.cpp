#include "aggregation/choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace fa::aggregation;
using testing::ElementsAre;
using testing::Pair;

namespace {

Choices of(const char* text)
{
    return choices_of(Strategy(text));
}

/// The pairs of the default strategies (numbered from 1 as in design 3) in one contrast.
std::vector<std::pair<std::size_t, std::size_t>> pairs(const std::string& dimension, const std::string& from,
                                                       const std::string& to)
{
    for (auto contrast : contrasts_of(default_strategies())) {
        if (contrast.dimension == dimension && contrast.from == from && contrast.to == to) {
            for (auto& [first, second] : contrast.pairs) {
                ++first;
                ++second;
            }
            return contrast.pairs;
        }
    }
    return {};
}

TEST(Choices, NameEveryDimension)
{
    EXPECT_THAT(of("samples=median,batches=mean,blocks=iqm"),
                ElementsAre("gamma", "median", "mean", "iqm", "blocks", "samples, batches, layers"));
    EXPECT_THAT(of("layers=median,pooled=median"),
                ElementsAre("gamma", "median", "pooled", "median", "all", "layers, samples, batches"));
}

TEST(Choices, CountWhatAFormDoesByItselfAsTheMean)
{
    const auto usual = of("pooled=mean,layers=mean");
    for (const auto* text : {"batchvec,batches=mean,layers=mean", "flat,batches=mean,layers=mean",
                             "concat,pooled=mean", "angle,layers=mean"}) {
        auto choices = of(text);
        choices[0] = "gamma";
        EXPECT_EQ(choices, usual) << text;
    }
}

TEST(Contrasts, OfTheDefaultStrategiesAreThoseThatDifferInOneChoice)
{
    EXPECT_THAT(pairs("samples", "mean", "median"), ElementsAre(Pair(1, 3), Pair(1, 8), Pair(2, 4)));
    EXPECT_THAT(pairs("samples", "mean", "iqm"), ElementsAre(Pair(1, 9)));
    EXPECT_THAT(pairs("batches", "mean", "median"), ElementsAre(Pair(1, 7)));
    EXPECT_THAT(pairs("batches", "mean", "pooled"), ElementsAre(Pair(8, 3)));
    EXPECT_THAT(pairs("layers", "mean", "median"), ElementsAre(Pair(1, 2), Pair(3, 4)));
    EXPECT_THAT(pairs("depth", "all", "blocks"), ElementsAre(Pair(1, 14)));
    EXPECT_THAT(pairs("order", "samples, batches, layers", "layers, samples, batches"),
                ElementsAre(Pair(2, 6), Pair(3, 5)));
    for (const auto& [form, strategy] :
         {std::pair{"batchvec", 10}, {"flat", 11}, {"concat", 12}, {"angle", 13}}) {
        EXPECT_THAT(pairs("form", "gamma", form), ElementsAre(Pair(1, strategy)));
    }
}

TEST(Contrasts, LeaveOutWhatFollowsFromOthers)
{
    EXPECT_TRUE(pairs("form", "batchvec", "flat").empty());
    EXPECT_TRUE(pairs("samples", "median", "iqm").empty());
    const std::vector<Strategy> without_mean{Strategy("pooled=median,layers=mean"),
                                             Strategy("pooled=iqm,layers=mean")};
    EXPECT_EQ(contrasts_of(without_mean).size(), 1U);
}

TEST(Contrasts, OfOneOrNoStrategyAreNone)
{
    EXPECT_TRUE(contrasts_of({}).empty());
    const std::vector<Strategy> one{Strategy("angle,layers=mean")};
    EXPECT_TRUE(contrasts_of(one).empty());
}

TEST(Effect, IsTheMeanChangeOverThePairs)
{
    const Contrast contrast{"layers", "mean", "median", {{0, 1}, {2, 3}}};
    EXPECT_DOUBLE_EQ(effect_of(contrast, std::vector<double>{1, 1.5, 2, 4}), (0.5 + 2) / 2);
    EXPECT_DOUBLE_EQ(effect_of(contrast, std::vector<double>{1, 1.5, NAN, 4}), 0.5);
    EXPECT_TRUE(std::isnan(effect_of(contrast, std::vector<double>{1, NAN, NAN, 4})));
}

} // namespace
