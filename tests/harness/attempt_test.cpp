#include "harness/attempt.hpp"

#include "harness/signals.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

namespace fa::harness {
namespace {

class Attempts : public ::testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directories(layout.runs()); }

    /// A job of one process that begins the run, lets `meanwhile` happen, and is killed.
    template <typename Meanwhile>
    void job_that_dies(Meanwhile&& meanwhile, bool forgive = false)
    {
        in_a_process([&] {
            const Attempt attempt(layout, "a", {}, forgive);
            meanwhile();
            raise(SIGKILL);
        });
    }
    void job_that_dies()
    {
        job_that_dies([] {});
    }

    template <typename Body>
    static int in_a_process(Body&& body)
    {
        const pid_t child = fork();
        if (child == 0) {
            watch_for_stop_signals();
            body();
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return status;
    }
    bool record_is_there() const { return std::filesystem::exists(layout.attempt("a")); }

    fa::testing::ScratchFolder folder;
    store::Layout layout{folder.path()};
};

TEST_F(Attempts, ThatEndInOrderLeaveNothing)
{
    Attempt attempt(layout, "a", {}, false);
    EXPECT_TRUE(record_is_there());
    attempt.over();
    EXPECT_FALSE(record_is_there());
    EXPECT_EQ(jobs_ended_by(layout, "a"), 0);
}

TEST_F(Attempts, ThatEndJobsAreCounted)
{
    job_that_dies();
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);
    job_that_dies();
    EXPECT_EQ(jobs_ended_by(layout, "a"), 2);
}

TEST_F(Attempts, OfALivingJobArentCountedUntilItDies)
{
    for (const std::int64_t ended : {0, 1}) {
        std::array<int, 2> begun{};
        ASSERT_EQ(pipe(begun.data()), 0);
        const pid_t child = fork();
        if (child == 0) {
            const Attempt attempt(layout, "a", {}, false);
            [[maybe_unused]] const auto told = write(begun[1], "x", 1);
            pause();
        }
        char told = 0;
        ASSERT_EQ(read(begun[0], &told, 1), 1);
        EXPECT_EQ(jobs_ended_by(layout, "a"), ended) << "another job has it in hand";
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        EXPECT_EQ(jobs_ended_by(layout, "a"), ended + 1);
    }
}

TEST_F(Attempts, AreForgivenWhereAskedTo)
{
    job_that_dies();
    job_that_dies();
    job_that_dies([] {}, true);
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);
}

TEST_F(Attempts, ThatSaveASegmentGotOn)
{
    job_that_dies();
    job_that_dies([&] { folder.write("segments/a/draws-0-5-aaaa.safetensors", "x"); });
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);
    job_that_dies();
    EXPECT_EQ(jobs_ended_by(layout, "a"), 2);
}

TEST_F(Attempts, ThatAreTakenBackCountAsBefore)
{
    job_that_dies();
    Attempt(layout, "a", {}, false).take_back();
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);

    Attempt(layout, "b", {}, false).take_back();
    EXPECT_FALSE(std::filesystem::exists(layout.attempt("b")));
}

TEST_F(Attempts, OfAProcessThatWasToldToStopArentBlamed)
{
    for (const int signal : {SIGTERM, SIGUSR1}) {
        job_that_dies([&] { raise(signal); });
        EXPECT_EQ(jobs_ended_by(layout, "a"), 0) << signal;
    }
    job_that_dies();
    job_that_dies([] { raise(SIGTERM); });
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1) << "the earlier death still counts";
}

TEST_F(Attempts, OfAProcessThatIsInterruptedArentBlamedAndItEnds)
{
    for (const int signal : {SIGINT, SIGHUP}) {
        const int status = in_a_process([&] {
            const Attempt attempt(layout, "a", {}, false);
            raise(signal);
        });
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
        EXPECT_EQ(jobs_ended_by(layout, "a"), 0) << signal;
    }
}

TEST_F(Attempts, OfATeamAreBlamedWhereOneOfItsProcessesDied)
{
    // The launcher tells the others to stop when one has died.
    store::record_attempt(layout, "a", {.begun = 1, .ranks = 3, .told_to_stop = 2});
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);
    store::record_attempt(layout, "a", {.begun = 1, .ranks = 3, .told_to_stop = 3});
    EXPECT_EQ(jobs_ended_by(layout, "a"), 0);
}

TEST_F(Attempts, OfALivingProcessWhoseLauncherTearsTheJobDownAreBlamed)
{
    store::record_attempt(layout, "a",
                          store::attempt_of_this_process({.begun = 1, .ranks = 2, .told_to_stop = 1}));
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);
}

TEST_F(Attempts, ThatAreOverAreNotMarkedByALaterSignal)
{
    in_a_process([&] {
        Attempt first(layout, "a", {}, false);
        first.over();
        store::record_attempt(layout, "a", {.begun = 1}); // another job begins it
        raise(SIGTERM);
    });
    EXPECT_EQ(jobs_ended_by(layout, "a"), 1);
}

TEST(Interruptions, ThatTheParentIgnoresStayIgnored)
{
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGHUP, SIG_IGN);
        watch_for_stop_signals();
        raise(SIGHUP);
        _exit(7);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

} // namespace
} // namespace fa::harness
