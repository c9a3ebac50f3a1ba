/// The control that `frozen=` names: looked up, and compared with only where it fits.
#include "aggregation/report.hpp"
#include "audited_store.hpp"
#include "store/failure_record.hpp"

#include <gtest/gtest.h>

using fa::testing::Store;

namespace {

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

} // namespace
