/// Run files that were measured with other options than the manifest now gives, and feedback that no hash
/// vouches for.
#include "aggregation/audit.hpp"
#include "aggregation/report.hpp"
#include "aggregation/report_options.hpp"
#include "synthetic_store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

using namespace fa::aggregation;
using fa::testing::SyntheticRun;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

constexpr const char* unverified = "the training feedback is unverified";

class MeasuredOptions : public ::testing::Test {
  protected:
    fa::testing::ScratchFolder folder;
    fa::store::Layout layout{folder / "store"};

    void manifest(const std::string& options, const std::string& more = "")
    {
        fa::testing::write_manifest(layout, "default data=d.h5 batch_size=16 draws=20\n"
                                            "name=a checkpoint=c.st method=M " +
                                                options + "\n" + more);
    }
    void run(const SyntheticRun& run) { fa::testing::write_synthetic_run(layout, run); }
    RunStatus status() const { return read_audit(layout.root(), {}).runs.front().status; }

    /// The reason why a run is missing after its manifest line became `options`.
    std::string reason_after(const std::string& options, const SyntheticRun& measured = {.name = "a"})
    {
        manifest(options);
        run(measured);
        const auto now = status();
        return now.state == RunState::missing ? now.reason : "not missing";
    }
    std::string report_text()
    {
        ReportOptions options;
        options.replicates = 0;
        std::ostringstream terminal;
        summary = report(layout.root(), options, terminal);
        return terminal.str();
    }
    std::string table(const std::string& name) const { return fa::testing::bytes_of(layout.tables() / name); }
    ReportSummary summary;
};

std::string other_options(const std::string& difference)
{
    return "its file was measured with other options (" + difference + "): start fa-harness again";
}

TEST_F(MeasuredOptions, ARunWithAnotherNumberOfDrawsIsMissing)
{
    EXPECT_EQ(reason_after("draws=21"), other_options("draws is 20, the manifest says 21"));
}

TEST_F(MeasuredOptions, EveryOptionThatTheFileRecordsIsCompared)
{
    const auto differs = [](const std::string& key, const std::string& file, const std::string& manifest) {
        return other_options(key + " is " + file + ", the manifest says " + manifest);
    };
    EXPECT_EQ(reason_after("credit=none"), differs("credit", "dfa", "none"));
    EXPECT_EQ(reason_after("loss=mse"), differs("loss", "cross_entropy", "mse"));
    EXPECT_EQ(reason_after("draw_seed=18446744073709551615"),
              differs("draw_seed", "0", "18446744073709551615"));
    EXPECT_EQ(reason_after("eval_seed=3"), differs("eval_seed", "0", "3"));
    EXPECT_EQ(reason_after("batches=9"), differs("batches", "8", "9"));
    EXPECT_EQ(reason_after("batch_size=17"), differs("batch_size", "16", "17"));
    EXPECT_EQ(reason_after("feedback_sign=-1"), differs("feedback_sign", "1", "-1"));
    EXPECT_EQ(reason_after("feedback_shared=true"), differs("feedback_shared", "false", "true"));
    EXPECT_EQ(reason_after("feedback_distribution=uniform"),
              differs("feedback_distribution", "normal", "uniform"));
}

TEST_F(MeasuredOptions, TheRelaxationOfEpIsComparedWhereTheManifestSetsIt)
{
    const SyntheticRun relaxed{.name = "a",
                               .credit = "ep",
                               .relaxation = fa::store::Relaxation{.beta = 0.3, .steps = 12, .step = 0.1},
                               .feedback = "none"};
    EXPECT_EQ(reason_after("credit=ep", relaxed), "not missing");
    EXPECT_EQ(reason_after("credit=ep ep_beta=0.3 ep_steps=12 ep_step=0.1", relaxed), "not missing");
    EXPECT_EQ(reason_after("credit=ep ep_beta=0.4 ep_steps=13 ep_step=0.2", relaxed),
              other_options(
                  "ep_beta is 0.3, the manifest says 0.4; ep_steps is 12, the manifest says 13; ep_step is "
                  "0.1, the manifest says 0.2"));
    // A default line's words on matrices don't make such a run another one.
    EXPECT_EQ(
        reason_after("credit=ep feedback=stored feedback_distribution=uniform feedback_sign=-1", relaxed),
        "not missing");
}

TEST_F(MeasuredOptions, FeedbackSourcesAreComparedByTheirText)
{
    const auto differs = [](const std::string& file, const std::string& manifest) {
        return other_options("feedback is " + file + ", the manifest says " + manifest);
    };
    EXPECT_EQ(reason_after("feedback=none"), differs("stored", "none"));
    EXPECT_EQ(reason_after("feedback=folder/b.st"), differs("stored", "file"));
    EXPECT_EQ(reason_after("feedback=seed:8", {.name = "a", .feedback = "seed:7"}),
              differs("seed:7", "seed:8"));
    EXPECT_EQ(reason_after("feedback=seed:torch:7", {.name = "a", .feedback = "seed:7"}),
              differs("seed:7", "seed:torch:7"));
    EXPECT_EQ(reason_after("", {.name = "a", .feedback = "file"}), differs("file", "stored"));
}

TEST_F(MeasuredOptions, SeveralDifferencesAreAllNamed)
{
    EXPECT_EQ(reason_after("draws=21 eval_seed=3"),
              other_options("draws is 20, the manifest says 21; eval_seed is 0, the manifest says 3"));
}

TEST_F(MeasuredOptions, ARunOfTheSameOptionsIsMeasured)
{
    manifest("loss=mse draw_seed=5 eval_seed=18446744073709551615 feedback=elsewhere/b.st feedback_sign=-1 "
             "feedback_shared=true feedback_distribution=orthogonal batches=9 batch_size=17 draws=21");
    run({.name = "a",
         .batches = 9,
         .batch_size = 17,
         .draws = 21,
         .loss = "mse",
         .draw_seed = 5,
         .eval_seed = 18446744073709551615ULL,
         .feedback = "file",
         .feedback_sign = -1,
         .feedback_shared = true,
         .feedback_distribution = "orthogonal"});
    EXPECT_EQ(status().state, RunState::measured) << status().reason;
}

TEST_F(MeasuredOptions, ADistributionThatTheManifestLeavesToTheCheckpointDoesNotDiffer)
{
    manifest("");
    run({.name = "a", .feedback_distribution = "rademacher"});
    EXPECT_EQ(status().state, RunState::measured) << status().reason;
}

TEST_F(MeasuredOptions, WithoutCreditTheNumberOfDrawsSaysNothing)
{
    manifest("credit=none draws=3000");
    run({.name = "a", .credit = "none"});
    EXPECT_EQ(status().state, RunState::measured) << status().reason;
}

TEST_F(MeasuredOptions, LabelsMayChange)
{
    manifest("seed=9 group=other headline=0.8 frozen=0.5 note=relabelled");
    run({.name = "a"});
    EXPECT_EQ(status().state, RunState::measured) << status().reason;
}

TEST_F(MeasuredOptions, TablesAndTheExitCodeSayThatTheRunIsMissing)
{
    manifest("draws=21", "name=b checkpoint=c.st method=M\n");
    run({.name = "a"});
    run({.name = "b"});
    const auto terminal = report_text();
    const auto reason = other_options("draws is 20, the manifest says 21");
    EXPECT_EQ(summary.measured, 1);
    EXPECT_EQ(summary.missing, 1);
    EXPECT_EQ(exit_code(summary, FailOn("")), 3);
    EXPECT_THAT(terminal, HasSubstr(reason));
    EXPECT_THAT(table("runs.csv"), HasSubstr("missing,\"" + reason + "\"\n"));
    EXPECT_THAT(table("robustness.md"), HasSubstr("| a | missing | " + reason + " |"));
    EXPECT_THAT(table("layers.csv"), Not(HasSubstr("\na,")));
}

TEST_F(MeasuredOptions, AControlOfOtherOptionsIsNotComparedWith)
{
    manifest("frozen=f", "name=f checkpoint=c.st method=M eval_seed=3\n");
    run({.name = "a"});
    run({.name = "f"});
    const auto audit = read_audit(layout.root(), {});
    ASSERT_TRUE(audit.runs.front().result);
    EXPECT_EQ(audit.runs.front().result->verdict.not_run(), "d: the frozen control 'f' isn't measured");
}

TEST_F(MeasuredOptions, UnverifiedTrainingFeedbackIsSaidOnThePageAndOnTheTerminal)
{
    manifest("feedback=seed:7");
    run({.name = "a", .feedback = "seed:7", .feedback_verified = "unverified"});
    EXPECT_THAT(report_text(),
                HasSubstr("warning: a: the training feedback is unverified: it comes from seed:7, "));
    EXPECT_THAT(
        table("robustness.md"),
        HasSubstr("- Warning: the training feedback is unverified: it comes from seed:7, and no hash is "
                  "recorded in the checkpoint, so Γ_train may be against other matrices than the "
                  "training's.\n"));
}

TEST_F(MeasuredOptions, UnverifiedTrainingFeedbackIsSaidWithoutStrategiesOnTheTerminalToo)
{
    manifest("feedback=b.st");
    run({.name = "a", .feedback = "file", .feedback_verified = "unverified"});
    ReportOptions options;
    options.strategies.clear();
    std::ostringstream terminal;
    report(layout.root(), options, terminal);
    EXPECT_THAT(terminal.str(),
                HasSubstr("warning: a: the training feedback is unverified: it comes from a file, "));
}

TEST_F(MeasuredOptions, ACheckpointThatRecordsAnotherRuleOrSeedIsWarnedOf)
{
    manifest("seed=7");
    run({.name = "a", .recorded_method = "FA", .recorded_seed = "42"});
    const auto text = report_text();
    EXPECT_THAT(text, HasSubstr("warning: a: the checkpoint records method 'FA', and what is evaluated is "
                                "credit=dfa: "));
    EXPECT_THAT(text, HasSubstr("warning: a: the checkpoint records seed 42, and the manifest says seed=7"));
    EXPECT_THAT(table("robustness.md"), HasSubstr("- The checkpoint records method 'FA' and seed '42'.\n"));
    EXPECT_THAT(table("robustness.md"), HasSubstr("- Warning: the checkpoint records seed 42, and"));
}

TEST_F(MeasuredOptions, VerifiedOrAbsentTrainingFeedbackIsNotWarnedOf)
{
    for (const bool has_train : {true, false}) {
        manifest("");
        run({.name = "a", .has_train = has_train});
        EXPECT_THAT(report_text(), Not(HasSubstr(unverified)));
        EXPECT_THAT(table("robustness.md"), Not(HasSubstr(unverified)));
    }
}

} // namespace
