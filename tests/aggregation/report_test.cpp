/// Whole stores: what the tables, the cache and audit.h5 say, and where they go.
#include "aggregation/report.hpp"
#include "aggregation/strategy_cache.hpp"
#include "audited_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

using namespace fa::aggregation;
using fa::testing::bytes_of;
using fa::testing::Store;
using fa::testing::SyntheticRun;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace {

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

TEST_F(Store, AClaimedAccuracyThatDiffersIsReported)
{
    manifest(line("a", "headline=0.95"));
    run({.name = "a", .accuracy = 0.8});
    EXPECT_THAT(report_text(), HasSubstr("warning: a: the claimed accuracy 0.95"));
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
