#include "harness/plan.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace fa::harness {
namespace {

std::vector<int> team_sizes(Teams teams, int ranks)
{
    std::vector<int> sizes(static_cast<std::size_t>(teams.count));
    for (int rank = 0; rank < ranks; ++rank)
        ++sizes[static_cast<std::size_t>(teams.team_of(rank, ranks))];
    return sizes;
}

constexpr std::int64_t plenty = 1000;

TEST(Teams, AreOneRankEachWithMoreRunsThanRanks)
{
    EXPECT_THAT(team_sizes(form_teams(4, 9, plenty, 0), 4), testing::ElementsAre(1, 1, 1, 1));
}

TEST(Teams, ShareRunsWithMoreRanksThanRuns)
{
    EXPECT_THAT(team_sizes(form_teams(7, 3, plenty, 0), 7), testing::ElementsAre(3, 2, 2));
}

TEST(Teams, HaveNeverMoreRanksThanARunHasWorkFor)
{
    for (const int size : team_sizes(form_teams(10, 1, 4, 0), 10))
        EXPECT_LE(size, 4);
}

TEST(Teams, FollowRanksPerRun)
{
    EXPECT_THAT(team_sizes(form_teams(4, 9, plenty, 2), 4), testing::ElementsAre(2, 2));
    EXPECT_THAT(team_sizes(form_teams(3, 9, plenty, 2), 3), testing::ElementsAre(2, 1));
    EXPECT_THAT(team_sizes(form_teams(2, 9, plenty, 8), 2), testing::ElementsAre(2));
}

TEST(Teams, AreContiguousInTheRanks)
{
    const auto teams = form_teams(7, 3, plenty, 0);
    for (int rank = 1; rank < 7; ++rank)
        EXPECT_GE(teams.team_of(rank, 7), teams.team_of(rank - 1, 7));
}

TEST(Order, IsCostliestFirstAndKeepsTies)
{
    std::vector<PlannedRun> runs(4);
    runs[0].work.fresh = 1;
    runs[1].work.fresh = 5;
    runs[2].work.fresh = 1;
    runs[3].work.fresh = 9;
    EXPECT_THAT(costliest_first(runs), testing::ElementsAre(3, 1, 0, 2));
}

TEST(Work, SharesOfAllPiecesAddUpToOne)
{
    jobs::RunSpec spec;
    const auto work = work_of(spec, {256, 256, 256}, 10, 200'000, 4000);
    const auto shares = work.shares();
    EXPECT_NEAR(shares.per_batch * static_cast<double>(work.batches) +
                    shares.per_accuracy_batch * static_cast<double>(work.accuracy_batches) +
                    shares.per_draw_block * static_cast<double>(work.draw_blocks),
                1.0, 1e-12);
}

TEST(Work, OfAChainIsThatOfItsWiderMatrices)
{
    jobs::RunSpec spec; // 8 batches of 128, 200 draws
    EXPECT_EQ(work_of(spec, {64, 64}, 10, 1, 1).fresh, 1024.0 * 200 * (64 * 10 + 64 * 10));
    spec.credit = jobs::Credit::fa;
    EXPECT_EQ(work_of(spec, {64, 64}, 10, 1, 1).fresh, 1024.0 * 200 * (64 * 64 + 64 * 10));
}

TEST(Work, OfDrawsCountsTheirProductsAndEveryValue)
{
    jobs::RunSpec spec; // 8 batches of 128, 200 draws, two layers
    const double values = 1024.0 * 200 * 2;
    EXPECT_EQ(work_of(spec, {64, 32}, 10, 1, 1).of_draws(), 1024.0 * 200 * (640 + 320) + 2500 * values);
}

TEST(Work, OfARunWithoutCreditHasNoDraws)
{
    jobs::RunSpec spec;
    spec.credit = jobs::Credit::none;
    const auto work = work_of(spec, {8, 8}, 3, 100, 50);
    EXPECT_EQ(work.draw_blocks, 0);
    EXPECT_EQ(work.fresh, 0.0);
    EXPECT_EQ(work.of_draws(), 0.0);
}

} // namespace
} // namespace fa::harness
