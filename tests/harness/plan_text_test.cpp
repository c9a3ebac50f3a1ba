#include "harness/plan_text.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace fa::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Plan {
    jobs::Manifest manifest;
    std::vector<PlannedRun> runs;
    AuditOptions options;

    void add(const std::string& name, std::int64_t draws, const std::string& problem = "")
    {
        jobs::RunSpec spec;
        spec.name = name;
        spec.draws = draws;
        PlannedRun run;
        if (problem.empty()) {
            run.attributes.credit = "dfa";
            run.attributes.depth = 1;
            run.attributes.width = {16, 16};
            run.attributes.classes = 3;
            run.attributes.batches = spec.batches;
            run.attributes.batch_size = spec.batch_size;
            run.attributes.draws = draws;
            run.attributes.test_samples = 2000;
            run.attributes.keep = "samples";
            run.shape = "resmlp-1x16, 3 classes";
            run.work = work_of(spec, run.attributes.width, 3, 1000, 2000);
        }
        run.problem = problem;
        manifest.runs.push_back(spec);
        runs.push_back(run);
    }
    std::string text(int ranks) const { return plan_text(manifest, runs, options, ranks); }
};

std::ptrdiff_t lines(const std::string& text)
{
    return std::count(text.begin(), text.end(), '\n');
}

TEST(PlanText, OfAThousandRunsOfTwoShapesIsAPage)
{
    Plan plan;
    for (int i = 0; i < 1000; ++i)
        plan.add("run-" + std::to_string(i), i % 2 == 0 ? 200 : 400);
    const auto text = plan.text(1024);
    EXPECT_LT(lines(text), 20);
    EXPECT_THAT(text,
                HasSubstr("500 runs of resmlp-1x16, 3 classes; credit dfa; 8 batches of 128, 400 draws"));
    EXPECT_THAT(text, HasSubstr("run-1, run-3, run-5, …, run-995, run-997, run-999\n"));
    EXPECT_THAT(text, HasSubstr("run-0, run-2, run-4, …, run-994, run-996, run-998\n"));
    EXPECT_THAT(text, HasSubstr("1024 ranks in 1000 teams of 1 or 2"));
}

TEST(PlanText, ListsEveryRunThatWouldFail)
{
    Plan plan;
    for (int i = 0; i < 40; ++i)
        plan.add("bad-" + std::to_string(i), 200, "no such tensor " + std::to_string(i));
    plan.add("good", 200);
    const auto text = plan.text(2);
    for (int i = 0; i < 40; ++i)
        EXPECT_THAT(text, HasSubstr("bad-" + std::to_string(i) + "  would fail: no such tensor " +
                                    std::to_string(i) + "\n"));
    EXPECT_THAT(text, HasSubstr("1 run of "));
}

TEST(PlanText, OfFewRunsNamesThemAll)
{
    Plan plan;
    for (int i = 0; i < 12; ++i)
        plan.add("run-" + std::to_string(i), 200);
    const auto text = plan.text(1);
    for (int i = 0; i < 12; ++i)
        EXPECT_THAT(text, HasSubstr("run-" + std::to_string(i)));
    EXPECT_THAT(text, Not(HasSubstr("…")));
    EXPECT_THAT(text, HasSubstr("idle 0.0 %"));
}

TEST(PlanText, OfRunsThatWouldAllFailHasNoDivision)
{
    Plan plan;
    plan.add("bad", 200, "damaged");
    EXPECT_THAT(plan.text(4), Not(HasSubstr("rank")));
}

TEST(PlanText, SaysHowLongRunsAreSaved)
{
    // 1024 samples × 200 draws × 2 layers × (16 × 3 + 2500) multiply-adds: 2.09 Gflop in 8 blocks.
    Plan plan;
    plan.add("short", 8);
    plan.add("long", 200);
    EXPECT_THAT(plan.text(1), Not(HasSubstr("segments")));
    plan.options.segment_work = 0.6;
    const auto text = plan.text(1);
    EXPECT_THAT(text,
                HasSubstr("the draws count 2.09 Gflop, saved in 4 segments of 2 blocks at most\n    long"));
    EXPECT_THAT(text, HasSubstr("of store\n    short"));
    plan.options.ranks_per_run = 3; // 3, 3 and 2 blocks
    EXPECT_THAT(plan.text(3), HasSubstr("saved in 5 segments of 2 blocks at most"));
}

} // namespace
} // namespace fa::harness
