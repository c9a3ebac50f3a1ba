#include "aggregation/report_options.hpp"

#include "aggregation/command_line.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/program_options.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace fa::aggregation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace po = boost::program_options;

namespace {

po::options_description all_options()
{
    po::options_description options;
    options.add(threshold_options()).add(strategy_options()).add(verdict_options());
    return options;
}

ReportOptions options_of(std::vector<const char*> arguments, const std::string& config = {})
{
    arguments.insert(arguments.begin(), "fa-report");
    const auto options = all_options();
    po::variables_map values;
    po::store(po::command_line_parser(with_dashes(static_cast<int>(arguments.size()), arguments.data()))
                  .options(options)
                  .run(),
              values);
    if (!config.empty()) {
        const fa::testing::ScratchFolder folder;
        store_config(folder.write("options.ini", config), options, values);
    }
    return report_options(values);
}

TEST(ReportOptions, DefaultsAreTheProtocols)
{
    const auto options = options_of({});
    EXPECT_EQ(options.thresholds.h_norm_explosion_ratio, 50.0);
    EXPECT_EQ(options.thresholds.g_norm_floor, 1e-7);
    EXPECT_EQ(options.thresholds.stability_drift_ceiling, 0.30);
    EXPECT_EQ(options.thresholds.frozen_acc_margin_pp, 2.0);
    EXPECT_EQ(options.strategies.size(), 14U);
}

TEST(ReportOptions, TakeUnderscoresForDashes)
{
    EXPECT_EQ(options_of({"--h_norm_explosion_ratio=20"}).thresholds.h_norm_explosion_ratio, 20.0);
    EXPECT_EQ(options_of({"--g_norm_floor", "1e-6"}).thresholds.g_norm_floor, 1e-6);
}

TEST(ReportOptions, AStrategyIsAddedToTheFourteen)
{
    const auto options = options_of({"--strategy", "pooled=iqm,blocks=median"});
    ASSERT_EQ(options.strategies.size(), 15U);
    EXPECT_EQ(options.strategies.back().text(), "pooled=iqm,blocks=median");
}

TEST(ReportOptions, AStrategyThatIsThereIsNotAddedTwice)
{
    EXPECT_EQ(options_of({"--strategy", "pooled=mean, layers=mean"}).strategies.size(), 14U);
}

TEST(ReportOptions, OnlyStrategiesReplacesTheFourteen)
{
    EXPECT_EQ(options_of({"--only-strategies", "--strategy", "concat,pooled=median"}).strategies.size(), 1U);
    EXPECT_THROW(options_of({"--only-strategies"}), std::invalid_argument);
}

TEST(ReportOptions, AWrongStrategyIsAnError)
{
    EXPECT_THROW(options_of({"--strategy", "pooled=mode,layers=mean"}), std::invalid_argument);
}

TEST(ReportOptions, StandInAConfigFileToo)
{
    const auto options =
        options_of({}, "# mine\nh_norm_explosion_ratio = 30\nstrategy = pooled=iqm,layers=iqm\n");
    EXPECT_EQ(options.thresholds.h_norm_explosion_ratio, 30.0);
    EXPECT_EQ(options.strategies.back().text(), "pooled=iqm,layers=iqm");
}

TEST(ReportOptions, OfTheCommandLineWinOverTheConfigFiles)
{
    const auto options = options_of({"--h-norm-explosion-ratio", "20"}, "h-norm-explosion-ratio = 30\n");
    EXPECT_EQ(options.thresholds.h_norm_explosion_ratio, 20.0);
}

TEST(ReportOptions, AnUnknownOptionOfAConfigFileIsNamedWithTheFile)
{
    try {
        options_of({}, "h-norm = 30\n");
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), HasSubstr("options.ini"));
        EXPECT_THAT(error.what(), HasSubstr("h-norm"));
    }
}

TEST(WithDashes, LeavesValuesAndWhatFollowsTwoDashesAlone)
{
    const std::vector<const char*> arguments{"fa-report", "my_store", "--a_b=c_d", "--e_f",
                                             "g_h",       "--",       "--i_j"};
    EXPECT_THAT(with_dashes(static_cast<int>(arguments.size()), arguments.data()),
                ElementsAre("my_store", "--a-b=c_d", "--e-f", "g_h", "--", "--i_j"));
}

TEST(FailOn, AnyMatchesWhateverFired)
{
    EXPECT_TRUE(FailOn("any").matches("c"));
    EXPECT_FALSE(FailOn("any").matches(""));
}

TEST(FailOn, LettersMatchTheirDiagnosticsOnly)
{
    EXPECT_TRUE(FailOn("a,d").matches("bd"));
    EXPECT_FALSE(FailOn("ad").matches("bc"));
    EXPECT_FALSE(FailOn("").matches("abcd"));
}

TEST(FailOn, RefusesOtherLetters)
{
    EXPECT_THROW(FailOn("ae"), std::invalid_argument);
}

TEST(ExitCode, IsZeroOnlyWhereAllRunsAreMeasured)
{
    EXPECT_EQ(exit_code({2, 0, 0, {"abd", ""}}, FailOn("")), 0);
    EXPECT_EQ(exit_code({2, 1, 0, {"abd", ""}}, FailOn("")), 3);
    EXPECT_EQ(exit_code({2, 0, 1, {"abd", ""}}, FailOn("")), 3);
}

TEST(ExitCode, CountsMissingRunsOnlyWhereTheyMustBeThere)
{
    EXPECT_EQ(exit_code({2, 0, 1, {"", ""}}, FailOn(""), Completeness::optional), 0);
    EXPECT_EQ(exit_code({2, 0, 1, {"", ""}}, FailOn(""), Completeness::required), 3);
    EXPECT_EQ(exit_code({1, 1, 1, {""}}, FailOn(""), Completeness::optional), 3);
}

TEST(ExitCode, IsFourWhereAVerdictMatches)
{
    EXPECT_EQ(exit_code({2, 1, 0, {"abd", ""}}, FailOn("d")), 4);
    EXPECT_EQ(exit_code({2, 0, 0, {"abd", ""}}, FailOn("c")), 0);
}

} // namespace
