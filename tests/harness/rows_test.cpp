#include "harness/rows.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace fa::harness {
namespace {

using testing::Contains;
using testing::Not;

store::RunAttributes small_run()
{
    store::RunAttributes run;
    run.credit = "dfa";
    run.depth = 1;
    run.width = {4, 4};
    run.classes = 3;
    run.batches = 2;
    run.batch_size = 5;
    run.draws = 6;
    run.test_samples = 20;
    run.keep = "samples";
    return run;
}

TEST(DatasetsOf, ARunWithoutCreditHasNoGammaButItsNormsAndShares)
{
    auto run = small_run();
    run.credit = "none";
    run.draws = 0;
    const auto names = datasets_of(run);
    for (const auto& name : names) {
        EXPECT_FALSE(name.starts_with("gamma/")) << name;
        EXPECT_FALSE(name.ends_with("_gamma")) << name;
    }
    EXPECT_THAT(names, Contains("norms/gradient"));
    EXPECT_THAT(names, Contains("pitfalls/fp16_lost"));
    EXPECT_THAT(names, Contains("direction/cosine"));
    EXPECT_THAT(names, Not(Contains("pitfalls/clamped_old")));
}

TEST(DatasetsOf, ARuleWithoutFeedbackHasNoFreshGamma)
{
    for (const char* credit : {"ep", "sb", "cb", "callback"}) {
        auto run = small_run();
        run.credit = credit;
        run.draws = 0;
        const auto names = datasets_of(run);
        for (const auto& name : names)
            EXPECT_EQ(name.find("fresh"), std::string::npos) << name;
        EXPECT_THAT(names, Contains("gamma/train"));
        EXPECT_THAT(names, Contains("gamma/train_histogram"));
        EXPECT_THAT(names, Contains("pitfalls/float32_gamma"));
        EXPECT_EQ(std::count(names.begin(), names.end(), "relaxation/residual"), credit == std::string("ep"));
    }
    EXPECT_THAT(datasets_of(small_run()), Not(Contains("relaxation/residual")));
}

TEST(DatasetsOf, ARunWithoutTrainingFeedbackHasOnlyFreshGamma)
{
    auto run = small_run();
    run.train_reason = "the checkpoint has no feedback matrices";
    const auto names = datasets_of(run);
    for (const auto& name : names)
        EXPECT_EQ(name.find("train"), std::string::npos) << name;
    EXPECT_THAT(names, Contains("gamma/fresh"));
    EXPECT_THAT(names, Contains("pitfalls/clamped_old"));
}

TEST(DatasetsOf, KeepingBatchesReplacesTheSamplesByTheirReductions)
{
    auto run = small_run();
    run.keep = "batches";
    const auto names = datasets_of(run);
    EXPECT_THAT(names, Not(Contains("gamma/fresh")));
    for (const char* name : {"mean", "median", "iqm", "angle", "count", "histogram"})
        EXPECT_THAT(names, Contains(std::string("gamma/fresh_") + name));
    EXPECT_THAT(names, Contains("gamma/concat_fresh"));
}

TEST(Rows, GiveEverySlabOfTheRunAndNoRowsWhereNothingWasPut)
{
    const auto run = small_run();
    Rows rows;
    rows.put("norms/hidden", at::ones({5, 2}, at::kDouble), 5);
    for (const auto& slab : rows.slabs(run)) {
        const bool mine = slab.dataset == "norms/hidden";
        EXPECT_EQ(slab.rows, mine ? 5u : 0u) << slab.dataset;
        EXPECT_EQ(slab.bytes.size(), mine ? 5 * 2 * sizeof(double) : 0u) << slab.dataset;
        if (mine) {
            EXPECT_EQ(slab.first_row, 5u);
            EXPECT_THAT(slab.shape, testing::ElementsAre(10u, 2u));
        }
    }
    EXPECT_EQ(rows.slabs(run).size(), datasets_of(run).size());
}

TEST(Rows, RefuseAnotherTypeThanTheSchemas)
{
    Rows rows;
    rows.put("norms/hidden", at::ones({5, 2}, at::kFloat), 0);
    EXPECT_THROW(rows.slabs(small_run()), std::logic_error);
}

TEST(Rows, RefuseRowsOfAnotherLength)
{
    Rows rows;
    rows.put("norms/hidden", at::ones({5, 3}, at::kDouble), 0);
    EXPECT_THROW(rows.slabs(small_run()), std::logic_error);
}

} // namespace
} // namespace fa::harness
