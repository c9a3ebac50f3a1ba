/// Whole stores: what the tables, the verdicts' look-ups and audit.h5 say.
#include "aggregation/report.hpp"

#include "aggregation/strategy_cache.hpp"
#include "aggregation/tables.hpp"
#include "store/error.hpp"
#include "store/failure_record.hpp"
#include "store/hdf5.hpp"
#include "synthetic_store.hpp"
#include "tests/store/seal.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace fa::aggregation;
using fa::testing::bytes_of;
using fa::testing::SyntheticRun;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace {

class Store : public ::testing::Test {
  protected:
    fa::testing::ScratchFolder folder;
    fa::store::Layout layout{folder / "store"};

    void manifest(const std::string& text)
    {
        fa::testing::write_manifest(layout, "default data=d.h5 batch_size=16 draws=20\n" + text);
    }
    void run(const SyntheticRun& run) { fa::testing::write_synthetic_run(layout, run); }
    static std::string line(const std::string& name, const std::string& rest = "")
    {
        return "name=" + name + " checkpoint=c.st method=M " + rest + "\n";
    }
    Audit audit(bool verify = false) const
    {
        AuditQuestion question;
        question.replicates = 50;
        question.checksums = verify ? Checksums::all : Checksums::metadata;
        return read_audit(layout.root(), question);
    }
    std::string not_run_of(const std::string& name) const
    {
        const auto all = audit();
        const auto found = std::find_if(all.runs.begin(), all.runs.end(),
                                        [&](const auto& one) { return one.spec.name == name; });
        return found->result ? found->result->verdict.not_run() : "no result";
    }
    std::string table(const std::string& name) const { return bytes_of(layout.tables() / name); }
    std::string report_text(ReportOptions options = {}) const
    {
        options.replicates = 50;
        std::ostringstream terminal;
        summary = report(layout.root(), options, terminal);
        return terminal.str();
    }
    mutable ReportSummary summary;

    /// Puts `rows` doubles in a dataset's place; 0: takes it away.
    void replace_dataset(const std::string& name, const char* dataset, hsize_t rows) const
    {
        const hid_t file = H5Fopen(layout.run(name).c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
        ASSERT_GE(file, 0);
        H5Ldelete(file, dataset, H5P_DEFAULT);
        if (rows > 0) {
            const hid_t space = H5Screate_simple(1, &rows, nullptr);
            const hid_t made =
                H5Dcreate2(file, dataset, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            H5Dclose(made);
            H5Sclose(space);
        }
        H5Fclose(file);
        fa::testing::seal(layout.run(name));
    }
    void flip_a_byte_in(const std::filesystem::path& path, const char* dataset) const
    {
        std::uint64_t offset = 0;
        {
            const auto file = fa::store::open_to_read(path);
            offset = H5Dget_offset(fa::store::open_dataset(file, dataset, "file").get());
        }
        std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(offset));
        const int byte = stream.get();
        stream.seekp(static_cast<std::streamoff>(offset));
        stream.put(static_cast<char>(byte ^ 0x55));
    }
};

TEST_F(Store, TablesHaveTheDesignsColumnsFirst)
{
    manifest(line("a"));
    run({.name = "a"});
    report_text();
    EXPECT_THAT(
        table("runs.csv"),
        StartsWith("run,method,group,seed,accuracy,frozen_accuracy,margin_pp,growth_max,growth_end_to_end,"
                   "g_norm_last,stability,verdict,fired,marginal,not_run,p_max_layer"));
    EXPECT_THAT(table("layers.csv"),
                StartsWith("run,layer,h_norm,g_norm,stability,gamma_train,undefined,fresh_mean,"
                           "fresh_std,fresh_q025,fresh_q500,fresh_q975,z,p"));
    EXPECT_THAT(table("strategies.csv"), StartsWith("run,strategy,gamma_train,undefined,fresh_mean,fresh_std,"
                                                    "fresh_q025,fresh_q500,fresh_q975,z,p"));
    EXPECT_THAT(table("spread.csv"), StartsWith("run,source,min,max,ratio,sign_flips"));
    EXPECT_THAT(table("groups.csv"),
                StartsWith("group,strategy,n,train_mean,train_std,fresh_mean,fresh_std"));
}

TEST_F(Store, TablesComeAsMarkdownTooAndAsOnePage)
{
    manifest(line("a"));
    run({.name = "a"});
    report_text();
    for (const auto* name : {"runs.md", "layers.md", "strategies.md", "spread.md", "groups.md"}) {
        EXPECT_THAT(table(name), HasSubstr("| --- |")) << name;
    }
    const auto page = table("robustness.md");
    EXPECT_LT(page.find("## Verdicts"), page.find("## a: "));
    EXPECT_THAT(page, HasSubstr("Reseeding: "));
}

TEST_F(Store, RowsFollowTheManifest)
{
    manifest(line("zebra") + line("ape"));
    run({.name = "ape"});
    run({.name = "zebra"});
    report_text();
    EXPECT_LT(table("layers.csv").find("\nzebra,0,"), table("layers.csv").find("\nape,0,"));
}

TEST_F(Store, AMissingRunIsListedWithItsReason)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    const auto text = report_text();
    EXPECT_EQ(summary.measured, 1);
    EXPECT_EQ(summary.missing, 1);
    EXPECT_THAT(table("runs.csv"), HasSubstr("\nb,M,M,,,,,,,,,,,,,,missing,not measured yet\n"));
    EXPECT_THAT(text, HasSubstr("not measured yet"));
    EXPECT_THAT(table("robustness.md"), HasSubstr("| b | missing | not measured yet |"));
}

TEST_F(Store, AFailedRunIsListedWithItsReason)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    fa::store::record_failure(layout, {"b", "", "b.st: truncated"});
    const auto text = report_text();
    EXPECT_EQ(summary.failed, 1);
    EXPECT_THAT(table("runs.csv"), HasSubstr("failed,b.st: truncated"));
    EXPECT_THAT(text, HasSubstr("b.st: truncated"));
}

TEST_F(Store, AFailureAfterAFinishedRunCounts)
{
    manifest(line("a"));
    run({.name = "a"});
    fa::store::record_failure(layout, {"a", "another-digest", "the new checkpoint has NaN weights"});
    EXPECT_EQ(audit().runs.front().status.state, RunState::failed);
}

TEST_F(Store, AFailureOfTheVeryInputsThatWereMeasuredLaterDoesNot)
{
    const SyntheticRun one{.name = "a"};
    manifest(line("a"));
    run(one);
    fa::store::record_failure(layout, {"a", fa::testing::digest_of_synthetic(one), "killed"});
    EXPECT_EQ(audit().runs.front().status.state, RunState::measured);
}

TEST_F(Store, AFileThatIsNoRunFileIsAFailedRunAndTheOthersAreReported)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    std::ofstream(layout.run("b")) << "not HDF5";
    report_text();
    EXPECT_EQ(summary.measured, 1);
    EXPECT_EQ(summary.failed, 1);
    EXPECT_THAT(table("layers.csv"), HasSubstr("\na,0,"));
}

TEST_F(Store, ARunWhoseDatasetHasAnotherShapeThanItsAttributesSayIsAFailedOne)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    run({.name = "b"});
    replace_dataset("b", "norms/error", 3);
    const auto all = audit();
    EXPECT_EQ(all.runs[0].status.state, RunState::measured);
    EXPECT_EQ(all.runs[1].status.state, RunState::failed);
    EXPECT_THAT(all.runs[1].status.reason, HasSubstr("norms/error"));
}

TEST_F(Store, ARunWithoutADatasetThatTheVerdictNeedsIsAFailedOne)
{
    manifest(line("b"));
    run({.name = "b"});
    replace_dataset("b", "norms/error", 0);
    EXPECT_THAT(audit().runs[0].status.reason, HasSubstr("norms/error"));
}

TEST_F(Store, VerifyFindsAChangedByte)
{
    manifest(line("a"));
    run({.name = "a"});
    EXPECT_EQ(audit(true).runs.front().status.state, RunState::measured);
    flip_a_byte_in(layout.run("a"), "norms/hidden");
    const auto all = audit(true);
    EXPECT_EQ(all.runs.front().status.state, RunState::failed);
    EXPECT_THAT(all.runs.front().status.reason,
                AllOf(HasSubstr("norms/hidden"), HasSubstr("crc32"), HasSubstr("measures this run again")));
}

TEST_F(Store, WithoutAManifestIsNone)
{
    EXPECT_THROW(audit(), fa::store::StoreError);
}

TEST_F(Store, ReferenceControlIsLookedUpByName)
{
    manifest(line("a", "frozen=f") + line("f", "frozen=none"));
    run({.name = "a", .accuracy = 0.8});
    run({.name = "f", .accuracy = 0.6});
    const auto all = audit();
    const auto& blocks = all.runs[0].result->verdict.useful_blocks;
    EXPECT_DOUBLE_EQ(blocks.frozen_accuracy, 0.6);
    EXPECT_NEAR(blocks.margin_pp, 20.0, 1e-9);
    EXPECT_FALSE(blocks.fired());
    EXPECT_EQ(all.runs[1].result->verdict.not_run(), "d: is the frozen control");
}

TEST_F(Store, ADefaultControlDoesNotJudgeItself)
{
    manifest("default frozen=f\n" + line("a") + line("f", "frozen=none"));
    run({.name = "a"});
    run({.name = "f"});
    EXPECT_EQ(not_run_of("f"), "d: is the frozen control");
}

TEST_F(Store, AControlMayBeAnAccuracy)
{
    manifest(line("a", "frozen=0.79"));
    run({.name = "a", .accuracy = 0.8});
    const auto all = audit();
    EXPECT_TRUE(all.runs[0].result->verdict.useful_blocks.fired());
}

TEST_F(Store, WithoutAControlUsefulBlocksDoesNotRun)
{
    manifest(line("a"));
    run({.name = "a"});
    EXPECT_EQ(not_run_of("a"), "d: no frozen baseline");
}

TEST_F(Store, AMissingControlIsNamed)
{
    manifest(line("a", "frozen=f") + line("f"));
    run({.name = "a"});
    EXPECT_EQ(not_run_of("a"), "d: the frozen control 'f' isn't measured");
}

TEST_F(Store, AFailedControlIsNamed)
{
    manifest(line("a", "frozen=f") + line("f"));
    run({.name = "a"});
    fa::store::record_failure(layout, {"f", "", "gone"});
    EXPECT_EQ(not_run_of("a"), "d: the frozen control 'f' failed");
}

TEST_F(Store, AControlOfOtherDataIsNotComparedWith)
{
    manifest(line("a", "frozen=f") + line("f"));
    run({.name = "a"});
    run({.name = "f", .data_sha256 = "other"});
    EXPECT_EQ(not_run_of("a"), "d: the frozen control 'f' was measured on other data");
}

TEST_F(Store, AControlWithAnotherNumberOfTestSamplesIsNotComparedWith)
{
    manifest(line("a", "frozen=f") + line("f"));
    run({.name = "a"});
    run({.name = "f", .test_samples = 300});
    EXPECT_EQ(not_run_of("a"), "d: the frozen control 'f' has 300 test samples, this run 400");
}

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

TEST_F(Store, AClaimedAccuracyThatDiffersIsReported)
{
    manifest(line("a", "headline=0.95"));
    run({.name = "a", .accuracy = 0.8});
    EXPECT_THAT(report_text(), HasSubstr("warning: a: the claimed accuracy 0.95"));
}

TEST_F(Store, GroupsAreMethodPlusArchitectureUnlessNamed)
{
    manifest("name=a checkpoint=c.st method=DFA seed=1\nname=b checkpoint=c.st method=DFA seed=2\n"
             "name=c checkpoint=c.st method=DFA group=mine\nname=d checkpoint=c.st method=BP\n");
    for (const auto* name : {"a", "b", "c", "d"}) {
        run({.name = name, .architecture = "resmlp-4x256"});
    }
    const auto groups = audit().groups;
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0].name, "DFA resmlp-4x256");
    EXPECT_EQ(groups[0].n, 2U);
    EXPECT_EQ(groups[1].name, "mine");
    EXPECT_EQ(groups[2].name, "BP resmlp-4x256");
}

TEST_F(Store, GroupsOfFewSeedsAreWarnedOf)
{
    manifest(line("a") + line("b"));
    run({.name = "a", .seed = 1});
    run({.name = "b", .seed = 2});
    const auto all = audit();
    ASSERT_EQ(all.groups.size(), 1U);
    EXPECT_THAT(all.groups[0].warnings.front(), HasSubstr("n = 2"));
    EXPECT_FALSE(std::isnan(all.groups[0].strategies.front().train.interval.low));
    EXPECT_LE(all.groups[0].strategies.front().train.interval.low,
              all.groups[0].strategies.front().train.mean);
}

TEST_F(Store, AGroupsSentencesBeginWithTheRunsWhoseGammaIsNotInterpretable)
{
    manifest(line("a") + line("b"));
    run({.name = "a", .seed = 1, .growth = 1000});
    run({.name = "b", .seed = 2});
    report_text();
    EXPECT_THAT(table("robustness.md"), HasSubstr("Runs: a, b.\n\n- Γ is not interpretable in 1 of 2 runs."));
    run({.name = "a", .seed = 1});
    report_text();
    EXPECT_THAT(table("robustness.md"), HasSubstr("Runs: a, b.\n\n- Reseeding: "));
}

TEST_F(Store, AGroupSaysWhyReseedingCannotBeJudged)
{
    manifest(line("a") + line("b"));
    run({.name = "a", .seed = 1, .has_train = false});
    run({.name = "b", .seed = 2, .has_train = false});
    report_text();
    EXPECT_THAT(table("robustness.md"),
                AllOf(HasSubstr("- Reseeding: no run has a Γ_train; fresh feedback gives "),
                      HasSubstr("- Aggregation (fresh, means over 2 seeds): ")));
    manifest(line("a", "credit=sb") + line("b", "credit=sb"));
    run({.name = "a", .seed = 1, .credit = "sb", .feedback = "none"});
    run({.name = "b", .seed = 2, .credit = "sb", .feedback = "none"});
    report_text();
    EXPECT_THAT(table("robustness.md"),
                AllOf(HasSubstr("- Reseeding: no run has fresh draws (the rule has no feedback matrices"),
                      Not(HasSubstr("p = –"))));
}

TEST_F(Store, GroupsWhoseDrawsDifferAreWarnedOfButRunsWithoutCreditHaveNoneToDiffer)
{
    const auto warns = [&] {
        const auto groups = audit().groups;
        const auto& warnings = groups.at(0).warnings;
        return std::any_of(warnings.begin(), warnings.end(), [](const auto& text) {
            return text.find("fresh draws aren't common") != std::string::npos;
        });
    };
    const auto lines = [&](const char* keys_of_b) {
        return "name=a checkpoint=c.st data=d.h5 group=g draws=20 batch_size=16 credit=none\n"
               "name=b checkpoint=c.st data=d.h5 group=g draws=20 batch_size=16\n"
               "name=c checkpoint=c.st data=d.h5 group=g draws=20 batch_size=16 " +
               std::string(keys_of_b) + "\n";
    };
    run({.name = "a", .credit = "none", .draws = 0, .has_train = false});
    run({.name = "b"});
    run({.name = "c"});
    manifest(lines(""));
    EXPECT_FALSE(warns());
    run({.name = "c", .feedback_shared = true});
    manifest(lines("feedback_shared=true"));
    EXPECT_TRUE(warns());
}

TEST_F(Store, AGroupOfOneHasNoInterval)
{
    manifest(line("a"));
    run({.name = "a"});
    const auto all = audit();
    EXPECT_TRUE(std::isnan(all.groups[0].strategies.front().train.std));
    EXPECT_TRUE(std::isnan(all.groups[0].strategies.front().train.interval.low));
}

TEST_F(Store, ThresholdsAreAppliedAgain)
{
    manifest(line("a"));
    run({.name = "a", .growth = 1.5});
    ReportOptions options;
    options.thresholds.h_norm_explosion_ratio = 1.2;
    report_text(options);
    EXPECT_EQ(summary.fired, std::vector<std::string>{"a"});
}

TEST_F(Store, TheCacheIsFilledAndBelieved)
{
    const SyntheticRun one{.name = "a"};
    const auto digest = fa::testing::digest_of_synthetic(one);
    manifest(line("a"));
    run(one);
    const auto before = audit().runs[0].result->strategies.front().gamma.fresh_mean;
    auto cached = read_cache(layout.root(), digest);
    EXPECT_EQ(cached.size(), 14U + 3U); // strategies, and the layers' means
    EXPECT_EQ(audit().runs[0].result->strategies.front().gamma.fresh_mean, before);

    const std::string first = "pooled=mean,layers=mean";
    write_cache(layout.root(), digest, {{first, std::vector<double>(20, 0.25)}});
    EXPECT_EQ(audit().runs[0].result->strategies.front().gamma.fresh_mean, 0.25);
    write_cache(layout.root(), digest,
                {{first, std::vector<double>(19, 0.25)}}); // of another number of draws
    EXPECT_EQ(audit().runs[0].result->strategies.front().gamma.fresh_mean, before);
}

TEST_F(Store, KeptBatchesTakeWhatNeedsTheSamplesFromTheCacheOrGiveTheReason)
{
    const SyntheticRun one{.name = "a", .keep = "batches"};
    manifest(line("a"));
    run(one);
    const auto without = audit();
    const auto& median = without.runs[0].result->strategies[2];
    ASSERT_EQ(median.strategy, "pooled=median,layers=mean");
    EXPECT_TRUE(std::isnan(median.gamma.fresh_mean));
    EXPECT_EQ(median.reason, "Γ_fresh needs the samples, which --keep batches left out");
    write_cache(layout.root(), fa::testing::digest_of_synthetic(one),
                {{median.strategy, std::vector<double>(20, 0.125)}});
    EXPECT_EQ(audit().runs[0].result->strategies[2].gamma.fresh_mean, 0.125);
    EXPECT_EQ(audit().runs[0].result->strategies[2].reason, "");
}

TEST_F(Store, AuditFileIsAPureFunctionOfTheStore)
{
    manifest(line("a") + line("b", "seed=7") + line("c"));
    run({.name = "a", .seed = 1});
    run({.name = "b", .seed = 2});
    report_text();
    const auto first = bytes_of(layout.audit());
    std::filesystem::copy(layout.root(), folder / "elsewhere", std::filesystem::copy_options::recursive);
    std::filesystem::remove(folder / "elsewhere/audit.h5");
    std::ostringstream ignored;
    ReportOptions options;
    options.replicates = 50;
    report(folder / "elsewhere", options, ignored);
    EXPECT_EQ(first, bytes_of(folder / "elsewhere/audit.h5"));
    EXPECT_FALSE(first.empty());
}

TEST_F(Store, LeavesNoTemporaryFiles)
{
    manifest(line("a"));
    run({.name = "a"});
    report_text();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(layout.root())) {
        EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
    }
}

TEST_F(Store, TablesMayGoElsewhere)
{
    manifest(line("a"));
    run({.name = "a"});
    ReportOptions options;
    options.tables = folder / "other/place";
    report_text(options);
    EXPECT_TRUE(std::filesystem::exists(folder / "other/place/runs.csv"));
    EXPECT_FALSE(std::filesystem::exists(layout.audit()));
}

TEST_F(Store, TerminalHasNoColoursUnlessAsked)
{
    manifest(line("a"));
    run({.name = "a"});
    EXPECT_THAT(report_text(), Not(HasSubstr("\x1b")));
    ReportOptions options;
    options.colour = true;
    EXPECT_THAT(report_text(options), HasSubstr("\x1b[32m"));
}

} // namespace
