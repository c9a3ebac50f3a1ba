#include "harness/stale_run.hpp"

#include <gmock/gmock.h>

namespace fa::harness {
namespace {

struct Runs {
    jobs::RunSpec spec;
    store::RunAttributes before, now;

    Runs()
    {
        before.model = "resmlp";
        before.credit = jobs::to_string(spec.credit);
        before.loss = jobs::to_string(spec.loss);
        before.feedback = jobs::to_string(spec.feedback);
        before.draws = spec.draws;
        before.batches = spec.batches;
        before.batch_size = spec.batch_size;
        before.precision = "float64";
        before.keep = "samples";
        before.checkpoint_sha256 = "c0";
        before.data_sha256 = "d0";
        before.feedback_sha256 = "f0";
        now = before;
    }
    std::string changed() const { return what_changed(spec, before, now); }
};

TEST(StaleRun, NamesTheCheckpoint)
{
    Runs runs;
    runs.now.checkpoint_sha256 = "c1";
    runs.now.feedback_sha256 = "f1"; // the matrices are in it
    EXPECT_EQ(runs.changed(), "its checkpoint changed");
}

TEST(StaleRun, NamesTheDataBesideTheCheckpoint)
{
    Runs runs;
    runs.now.data_sha256 = "d1";
    EXPECT_EQ(runs.changed(), "its data changed");
    runs.now.checkpoint_sha256 = "c1";
    EXPECT_EQ(runs.changed(), "its checkpoint and its data changed");
}

TEST(StaleRun, NamesTheFeedbackFile)
{
    Runs runs;
    runs.spec.feedback = jobs::FileFeedback{};
    runs.before.feedback = runs.now.feedback = "file";
    runs.now.feedback_sha256 = "f1";
    EXPECT_EQ(runs.changed(), "its feedback file changed");
}

TEST(StaleRun, NamesTheOptionsWithBothValues)
{
    Runs runs;
    runs.spec.draws = runs.before.draws + 1;
    EXPECT_EQ(runs.changed(), "its options changed (draws is " + std::to_string(runs.before.draws) +
                                  ", the manifest says " + std::to_string(runs.spec.draws) + ")");
    runs.spec.draws = runs.before.draws;
    runs.now.threads = 2;
    EXPECT_EQ(runs.changed(), "its options changed (--threads was 1, is 2)");
}

TEST(StaleRun, BlamesTheOptionsWhereTheFileKeepsNothingThatDiffers)
{
    EXPECT_EQ(Runs().changed(), "its options changed");
}

} // namespace
} // namespace fa::harness
