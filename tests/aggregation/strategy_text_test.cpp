#include "aggregation/strategy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

using namespace fa::aggregation;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace {

std::string error_of(const std::string& text)
{
    try {
        Strategy strategy(text);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "no error";
}

TEST(DefaultStrategies, AreTheDesignsFourteenInOrder)
{
    const auto strategies = default_strategies();
    ASSERT_EQ(strategies.size(), 14U);
    EXPECT_EQ(strategies.front().text(), "pooled=mean,layers=mean");
    EXPECT_EQ(strategies[4].text(), "layers=mean,pooled=median");
    EXPECT_EQ(strategies[9].text(), "batchvec,batches=mean,layers=mean");
    EXPECT_EQ(strategies.back().text(), "pooled=mean,blocks=mean");
    std::set<std::string> different;
    for (const auto& strategy : strategies) {
        different.insert(strategy.text());
    }
    EXPECT_EQ(different.size(), 14U);
}

TEST(StrategyText, HasOneSpelling)
{
    EXPECT_EQ(Strategy(" pooled = median , layers=mean").text(), "pooled=median,layers=mean");
    EXPECT_EQ(Strategy("flat ,batches=iqm,blocks=median").text(), "flat,batches=iqm,blocks=median");
}

TEST(StrategyText, StepsMayComeInAnyOrder)
{
    EXPECT_NO_THROW(Strategy("layers=iqm,batches=mean,samples=median"));
    EXPECT_NO_THROW(Strategy("batches=mean,layers=mean,samples=mean"));
    EXPECT_NO_THROW(Strategy("concat,batches=mean,samples=median"));
    EXPECT_NO_THROW(Strategy("angle,blocks=mean"));
}

TEST(StrategyText, AnUnknownAxisIsNamedWithTheKnownOnes)
{
    EXPECT_THAT(error_of("pool=mean,layers=mean"),
                AllOf(HasSubstr("unknown axis 'pool'"), HasSubstr("pooled")));
}

TEST(StrategyText, AnUnknownReducerIsNamedWithTheKnownOnes)
{
    EXPECT_THAT(error_of("pooled=mode,layers=mean"),
                AllOf(HasSubstr("unknown reducer 'mode'"), HasSubstr("iqm")));
}

TEST(StrategyText, AWordThatIsNoStepIsNamed)
{
    EXPECT_THAT(error_of("batchvector,batches=mean,layers=mean"),
                HasSubstr("'batchvector' is neither a form"));
    EXPECT_THAT(error_of(""), HasSubstr("''"));
    EXPECT_THAT(error_of("pooled=mean,,layers=mean"), HasSubstr("'' is neither a form"));
}

TEST(StrategyText, AFormThatIsNotFirstIsNamed)
{
    EXPECT_THAT(error_of("batches=mean,flat,layers=mean"), HasSubstr("'flat' must be the first word"));
    EXPECT_THAT(error_of("flat,concat,batches=mean"), HasSubstr("'concat' must be the first word"));
}

TEST(StrategyText, AnAxisLeftUnreducedIsAnError)
{
    EXPECT_THAT(error_of("pooled=mean"), HasSubstr("layers are left unreduced"));
    EXPECT_THAT(error_of("samples=mean,layers=mean"), HasSubstr("batches are left unreduced"));
    EXPECT_THAT(error_of("batchvec,layers=mean"), HasSubstr("batches are left unreduced"));
    EXPECT_THAT(error_of("concat,batches=mean"), HasSubstr("samples are left unreduced"));
    EXPECT_THAT(error_of("angle"), HasSubstr("layers are left unreduced"));
}

TEST(StrategyText, AnAxisReducedTwiceIsAnError)
{
    EXPECT_THAT(error_of("pooled=mean,samples=mean,layers=mean"), HasSubstr("samples are reduced twice"));
    EXPECT_THAT(error_of("pooled=mean,blocks=mean,layers=mean"), HasSubstr("layers are reduced twice"));
    EXPECT_THAT(error_of("concat,pooled=mean,layers=mean"), HasSubstr("layers are reduced twice"));
    EXPECT_THAT(error_of("flat,samples=mean,batches=mean,layers=mean"),
                HasSubstr("samples are reduced twice"));
    EXPECT_THAT(error_of("angle,pooled=mean,layers=mean"), HasSubstr("reduced twice"));
}

} // namespace
