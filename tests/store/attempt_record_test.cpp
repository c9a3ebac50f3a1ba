#include "store/attempt_record.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

namespace fa::store {
namespace {

class Attempts : public ::testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directories(layout.runs()); }
    fa::testing::ScratchFolder folder;
    Layout layout{folder.path()};
};

TEST_F(Attempts, OfARunThatWasNeverBegunAreNone)
{
    EXPECT_EQ(read_attempt(layout, "a"), std::nullopt);
    clear_attempt(layout, "a");
    EXPECT_EQ(count_segments(layout, "a"), 0);
}

TEST_F(Attempts, AreReadAsTheyWereWritten)
{
    const AttemptRecord attempt{
        .begun = 2, .saved = 7, .ranks = 3, .told_to_stop = 1, .host = "node-7", .pid = 12};
    record_attempt(layout, "a", attempt);
    EXPECT_EQ(read_attempt(layout, "a"), attempt);
    record_attempt(layout, "a", {.begun = 1});
    EXPECT_EQ(read_attempt(layout, "a"), (AttemptRecord{.begun = 1, .saved = 0, .ranks = 1}));
    clear_attempt(layout, "a");
    EXPECT_EQ(read_attempt(layout, "a"), std::nullopt);
}

TEST_F(Attempts, AreInHandWhileTheirProcessLivesOnThisMachine)
{
    auto attempt = attempt_of_this_process({});
    EXPECT_TRUE(is_in_hand(attempt));
    attempt.host += "-other";
    EXPECT_FALSE(is_in_hand(attempt)) << "of another machine nothing is known";
    EXPECT_FALSE(is_in_hand({}));

    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, nullptr, 0);
    attempt = attempt_of_this_process({});
    attempt.pid = child;
    EXPECT_FALSE(is_in_hand(attempt));
}

TEST_F(Attempts, CountTheMarksThatProcessesAppend)
{
    record_attempt(layout, "a", {.begun = 1, .ranks = 2});
    for (int i = 0; i < 2; ++i)
        std::ofstream(layout.attempt("a"), std::ios::app) << stop_mark;
    EXPECT_EQ(read_attempt(layout, "a"), (AttemptRecord{.begun = 1, .ranks = 2, .told_to_stop = 2}));
}

TEST_F(Attempts, WhoseWriterWasKilledCountOnce)
{
    for (const char* content : {"", "{\"begun\": 2", "[1]", "{\"begun\": \"many\"}"}) {
        folder.write("runs/a.attempt", content);
        EXPECT_EQ(read_attempt(layout, "a"), AttemptRecord{}) << content;
    }
}

TEST_F(Attempts, ThatCantBeWrittenAreNone)
{
    const Layout nowhere(folder / "nowhere");
    record_attempt(nowhere, "a", {});
    EXPECT_EQ(read_attempt(nowhere, "a"), std::nullopt);
}

TEST_F(Attempts, KnowHowManySegmentsThereAre)
{
    folder.write("segments/a/draws-0-5-aaaa.safetensors", "x");
    folder.write("segments/a/draws-5-10-aaaa.safetensors", "x");
    folder.write("segments/a/draws-10-15-aaaa.safetensors.host.1.0.tmp", "x");
    folder.write("segments/b/draws-0-5-aaaa.safetensors", "x");
    EXPECT_EQ(count_segments(layout, "a"), 2);
}

} // namespace
} // namespace fa::store
