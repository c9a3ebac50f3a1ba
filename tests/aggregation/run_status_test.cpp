#include "aggregation/run_status.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

using namespace fa::aggregation;

namespace {

TEST(RunStatus, OfAnUnreadableRunIsMissingWhereItsFileIsGoneAndFailedElse)
{
    const fa::testing::ScratchFolder folder;
    const fa::store::Layout layout(folder.path());
    fa::jobs::RunSpec run;
    run.name = "a";

    EXPECT_EQ(unreadable(layout, run, "can't be opened").state, RunState::missing);
    folder.write("runs/a.h5", "no run file");
    const auto status = unreadable(layout, run, "can't be opened");
    EXPECT_EQ(status.state, RunState::failed);
    EXPECT_EQ(status.reason, "can't be opened");
}

} // namespace
