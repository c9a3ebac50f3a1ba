#include "diagnostics/verdict/useful_blocks.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace fa::verdict {
namespace {

/// `both`, then `only_run`, then `only_control`, then neither, of n samples.
struct Paired {
    std::vector<std::uint8_t> run;
    std::vector<std::uint8_t> control;

    Paired(std::size_t both, std::size_t only_run, std::size_t only_control, std::size_t n)
        : run(n, 0), control(n, 0)
    {
        for (std::size_t sample = 0; sample < both + only_run + only_control; ++sample) {
            run[sample] = sample < both + only_run;
            control[sample] = sample < both || sample >= both + only_run;
        }
    }
    UsefulBlocks judged() const { return judge_useful_blocks(run, ControlRun{control}, {}); }
};

TEST(UsefulBlocks, PassesAMarginOfExactlyTwoPointsAndFiresBelow)
{
    const UsefulBlocks at_limit = Paired(1000, 80, 0, 4000).judged();
    EXPECT_EQ(at_limit.margin_pp, 2.0);
    EXPECT_EQ(at_limit.state, State::passed);
    EXPECT_EQ(Paired(1000, 79, 0, 4000).judged().state, State::fired);
}

TEST(UsefulBlocks, FiresWhereTheControlIsBetter)
{
    const UsefulBlocks blocks = Paired(250, 0, 100, 1000).judged();
    EXPECT_EQ(blocks.state, State::fired);
    EXPECT_DOUBLE_EQ(blocks.accuracy, 0.25);
    EXPECT_DOUBLE_EQ(blocks.frozen_accuracy, 0.35);
    EXPECT_EQ(blocks.margin_pp, -10);
}

TEST(UsefulBlocks, IntervalIsMcNemarsByHand)
{
    // b = 60, c = 20, n = 1000: (40 ± 1.96·√(80 − 1.6))/1000; √78.4 = 8.854377448…
    const Interval interval = Paired(500, 60, 20, 1000).judged().interval_pp;
    EXPECT_NEAR(interval.low, 4.0 - 1.7354579798, 1e-9);
    EXPECT_NEAR(interval.high, 4.0 + 1.7354579798, 1e-9);
}

TEST(UsefulBlocks, IsMarginalWhereTheIntervalSpansTheMargin)
{
    EXPECT_FALSE(Paired(500, 60, 20, 1000).judged().marginal); // 2.26 … 5.74
    EXPECT_TRUE(Paired(500, 57, 20, 1000).judged().marginal);  // 3.7 ± 1.70
    EXPECT_TRUE(Paired(500, 30, 20, 1000).judged().marginal);  // 1.0 ± 1.4, fired
    EXPECT_FALSE(Paired(500, 20, 40, 1000).judged().marginal);
}

TEST(UsefulBlocks, ComparesWithANumberWithoutAnInterval)
{
    const std::vector<std::uint8_t> correct{1, 1, 1, 0};
    const UsefulBlocks blocks = judge_useful_blocks(correct, ControlAccuracy{0.70}, {});
    EXPECT_EQ(blocks.state, State::passed);
    EXPECT_DOUBLE_EQ(blocks.margin_pp, 5);
    EXPECT_TRUE(std::isnan(blocks.interval_pp.low));
    EXPECT_FALSE(blocks.marginal);
}

TEST(UsefulBlocks, LosesNoPointToDecimalFractions)
{
    // As doubles, 0.12 − 0.10 is 0.01999999999999999.
    std::vector<std::uint8_t> correct(100, 0);
    std::fill_n(correct.begin(), 12, std::uint8_t{1});
    EXPECT_EQ(judge_useful_blocks(correct, ControlAccuracy{0.10}, {}).state, State::passed);
}

TEST(UsefulBlocks, DoesNotRunWithoutAControl)
{
    const std::vector<std::uint8_t> correct{1, 0};
    const UsefulBlocks blocks = judge_useful_blocks(correct, NoControl{}, {});
    EXPECT_EQ(blocks.state, State::not_run);
    EXPECT_EQ(blocks.reason, "no frozen baseline");
    EXPECT_EQ(blocks.accuracy, 0.5) << "the accuracy is reported all the same";
    EXPECT_EQ(judge_useful_blocks(correct, NoControl{"run frozen-s42 failed"}, {}).reason,
              "run frozen-s42 failed");
}

TEST(UsefulBlocks, DoesNotRunAgainstAControlOnOtherSamples)
{
    const std::vector<std::uint8_t> correct{1, 1};
    const std::vector<std::uint8_t> control{0, 0, 0};
    const UsefulBlocks blocks = judge_useful_blocks(correct, ControlRun{control}, {});
    EXPECT_EQ(blocks.state, State::not_run);
    EXPECT_NE(blocks.reason.find("3 test samples, this run on 2"), std::string::npos) << blocks.reason;
}

TEST(UsefulBlocks, FiresWhereTheMarginIsUndefined)
{
    const std::vector<std::uint8_t> correct = {1, 0};
    const UsefulBlocks blocks = judge_useful_blocks(correct, ControlAccuracy{undefined}, {});
    EXPECT_EQ(blocks.state, State::fired);
    EXPECT_EQ(blocks.cause, "undefined");
}

TEST(UsefulBlocks, DontRunWhereTheAccuracyIsNotKnown)
{
    const UsefulBlocks blocks = judge_useful_blocks({}, ControlAccuracy{0.1}, {});
    EXPECT_EQ(blocks.state, State::not_run);
    EXPECT_EQ(blocks.reason, "the accuracy is not known");
}

TEST(Headline, AgreesUpToExactlyHalfAPoint)
{
    EXPECT_TRUE(check_headline(0.905, 0.900).agrees);
    EXPECT_TRUE(check_headline(0.895, 0.900).agrees);
    EXPECT_FALSE(check_headline(0.9051, 0.900).agrees);
    EXPECT_FALSE(check_headline(0.8949, 0.900).agrees);
    EXPECT_FALSE(check_headline(undefined, 0.9).agrees);
}

} // namespace
} // namespace fa::verdict
