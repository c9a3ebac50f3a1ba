/// Runs whose Γ means nothing, or of which a part isn't there: empty cells, marks and reasons.
#include "aggregation/report.hpp"
#include "audited_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>

using namespace fa::aggregation;
using fa::testing::Store;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

TEST_F(Store, RowsOfARunWhoseGammaMeansNothingSaySo)
{
    manifest(line("bad", "frozen=none") + line("good"));
    run({.name = "bad", .growth = 1000, .last_gradient = 1e-9});
    run({.name = "good"});
    report_text();
    EXPECT_THAT(table("runs.csv"), HasSubstr("needs walk-back: scale, floor"));
    for (const auto* name : {"layers.csv", "strategies.csv", "spread.csv"}) {
        std::istringstream lines(table(name));
        std::string row;
        std::getline(lines, row);
        while (std::getline(lines, row)) {
            EXPECT_THAT(row, row.starts_with("bad,")
                                 ? testing::Matcher<std::string>(HasSubstr("\"no (a, b)\""))
                                 : testing::Matcher<std::string>(HasSubstr(",yes")));
        }
    }
    EXPECT_THAT(table("robustness.md"), HasSubstr("Γ is not interpretable here: (a, b) fired"));
}

TEST_F(Store, WithoutTrainingFeedbackGammaTrainIsEmptyAndFreshIsThere)
{
    manifest(line("a"));
    run({.name = "a", .has_train = false});
    const auto all = audit();
    const auto& first = all.runs[0].result->strategies.front();
    EXPECT_TRUE(std::isnan(first.gamma.train));
    EXPECT_FALSE(std::isnan(first.gamma.fresh_mean));
    EXPECT_EQ(first.reason, "no Γ_train: the checkpoint has no feedback matrices");
    EXPECT_TRUE(all.runs[0].result->pitfalls.of_fresh_draw);
    EXPECT_TRUE(std::isnan(all.runs[0].result->p_max_layer));
}

TEST_F(Store, WithoutCreditTheDiagnosticsStandAlone)
{
    manifest(line("a", "credit=none"));
    run({.name = "a", .credit = "none"});
    report_text();
    const auto all = audit();
    EXPECT_TRUE(all.runs[0].result->verdict.trustworthy());
    EXPECT_TRUE(std::isnan(all.runs[0].result->strategies.front().gamma.fresh_mean));
    EXPECT_THAT(table("spread.csv"), HasSubstr("\na,train,,,,,0,yes\n"));
}

TEST_F(Store, ARuleWithoutFeedbackHasItsGammaTrainAlone)
{
    manifest(line("a", "credit=sb"));
    run({.name = "a", .credit = "sb", .feedback = "none"});
    const auto text = report_text();
    const auto all = audit();
    ASSERT_EQ(all.runs[0].status.state, RunState::measured);
    const auto& result = *all.runs[0].result;
    EXPECT_FALSE(std::isnan(result.strategies.front().gamma.train));
    EXPECT_TRUE(std::isnan(result.strategies.front().gamma.fresh_mean));
    EXPECT_EQ(result.strategies.front().reason, "no Γ_fresh: credit=sb has no feedback matrices");
    EXPECT_GT(result.train_spread.defined, 0);
    EXPECT_FALSE(result.pitfalls.of_fresh_draw);
    EXPECT_THAT(table("robustness.md"),
                HasSubstr("credit=sb has no feedback matrices: there is nothing to reseed"));
    EXPECT_THAT(table("robustness.md"), Not(HasSubstr("Reseeding")));
    EXPECT_THAT(table("spread.csv"), HasSubstr("\na,fresh,,,,,0,yes\n"));
}

} // namespace
