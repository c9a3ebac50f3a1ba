#include "harness/schedule.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace fa::harness {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

/// A run of one batch: whole teams wait for one rank.
RunWork indivisible(double work)
{
    RunWork run;
    run.probe = work;
    run.batches = 1;
    return run;
}

/// `probe` in 8 batches, `accuracy` over 20 samples in batches of 8, `fresh` over 200 draws in blocks of 25.
RunWork divisible(double probe, double accuracy, double fresh)
{
    RunWork run;
    run.probe = probe;
    run.accuracy = accuracy;
    run.fresh = fresh;
    run.batches = 8;
    run.batch_size = 8;
    run.test_samples = 20;
    run.accuracy_batches = 3;
    run.draws = 200;
    run.draws_per_block = 25;
    run.draw_blocks = 8;
    return run;
}

TEST(Division, OfOneRankIsTheWholeRun)
{
    const auto run = divide(divisible(8, 20, 200), 1);
    EXPECT_THAT(run.work_of_rank, ElementsAre(DoubleEq(228)));
    EXPECT_DOUBLE_EQ(run.duration, 228);
}

TEST(Division, OfThreeRanksFollowsBatchesAndBlocks)
{
    // 8 batches as 3, 3, 2; 3 accuracy batches of 8, 8 and 4 samples; 8 blocks of 25 draws as 3, 3, 2.
    const auto run = divide(divisible(8, 20, 200), 3);
    EXPECT_THAT(run.work_of_rank,
                ElementsAre(DoubleEq(3 + 8 + 75), DoubleEq(3 + 8 + 75), DoubleEq(2 + 4 + 50)));
    EXPECT_DOUBLE_EQ(run.duration, 3 + 8 + 75);
}

TEST(Division, WaitsInEachStageForItsSlowestRank)
{
    // 5 ranks: batches 2, 2, 2, 1, 1; accuracy on three of them alone; blocks 2, 2, 2, 1, 1.
    const auto run = divide(divisible(8, 20, 200), 5);
    EXPECT_DOUBLE_EQ(run.duration, 2 + 8 + 50);
    EXPECT_DOUBLE_EQ(std::accumulate(run.work_of_rank.begin(), run.work_of_rank.end(), 0.0), 228);
}

TEST(Division, OfALastBlockThatIsShorterCountsItsDraws)
{
    auto work = divisible(0, 0, 30);
    work.draws = 30;
    work.draws_per_block = 20;
    EXPECT_THAT(divide(work, 2).work_of_rank, ElementsAre(DoubleEq(20), DoubleEq(10)));
}

TEST(Division, OfARunWithoutDrawsHasNoFreshWork)
{
    auto work = divisible(8, 20, 0);
    work.draws = work.draws_per_block = work.draw_blocks = 0;
    EXPECT_DOUBLE_EQ(divide(work, 2).duration, 4 + 16);
}

Schedule of_single_ranks(const std::vector<double>& works, int ranks)
{
    std::vector<RunWork> runs;
    for (const double work : works)
        runs.push_back(indivisible(work));
    std::vector<std::int64_t> order(works.size());
    std::iota(order.begin(), order.end(), std::int64_t{0});
    return simulate(runs, order, Teams{ranks}, ranks);
}

TEST(Schedule, HandsEachRunToTheTeamThatIsFreeFirst)
{
    // 5 to the second team, free at 6; 4 to the first, free at 7; 3 to the first again: both are free at 11.
    const auto schedule = of_single_ranks({7, 6, 5, 4, 3}, 2);
    EXPECT_THAT(schedule.runs_of_team, ElementsAre(ElementsAre(0, 3, 4), ElementsAre(1, 2)));
    EXPECT_THAT(schedule.work_of_rank, ElementsAre(DoubleEq(14), DoubleEq(11)));
    EXPECT_DOUBLE_EQ(schedule.makespan, 14);
    EXPECT_DOUBLE_EQ(schedule.idle_share(), 1 - 12.5 / 14);
}

TEST(Schedule, OfEqualRunsOnADividingNumberOfRanksIsNeverIdle)
{
    const auto schedule = of_single_ranks(std::vector<double>(12, 2.5), 4);
    EXPECT_DOUBLE_EQ(schedule.idle_share(), 0);
}

TEST(Schedule, OfMoreTeamsThanRunsLeavesRanksWithoutWork)
{
    const auto schedule = of_single_ranks({3}, 3);
    EXPECT_THAT(schedule.work_of_rank, ElementsAre(DoubleEq(3), DoubleEq(0), DoubleEq(0)));
    EXPECT_DOUBLE_EQ(schedule.idle_share(), 1 - 1.0 / 3);
}

TEST(Schedule, CountsTheRanksThatATeamKeepsWaiting)
{
    const std::vector<RunWork> runs{indivisible(6)};
    const std::vector<std::int64_t> order{0};
    const auto schedule = simulate(runs, order, Teams{1}, 4);
    EXPECT_DOUBLE_EQ(schedule.makespan, 6);
    EXPECT_DOUBLE_EQ(schedule.idle_share(), 0.75);
}

/// The same by brute force: pieces dealt one by one, teams' clocks looked through one by one.
struct SlowSchedule {
    std::vector<double> of_rank, clock;

    SlowSchedule(const std::vector<RunWork>& runs, const std::vector<std::int64_t>& order,
                 const std::vector<int>& team_sizes)
        : clock(team_sizes.size())
    {
        std::vector<std::size_t> first;
        std::size_t ranks = 0;
        for (const int size : team_sizes) {
            first.push_back(ranks);
            ranks += static_cast<std::size_t>(size);
        }
        of_rank.resize(ranks);
        for (const auto index : order) {
            const auto& run = runs[static_cast<std::size_t>(index)];
            std::size_t team = 0;
            for (std::size_t other = 1; other < clock.size(); ++other)
                if (clock[other] < clock[team])
                    team = other;
            const std::vector<std::vector<double>> stages{
                pieces(run.probe, run.batches, 1), pieces(run.accuracy, run.test_samples, run.batch_size),
                pieces(run.fresh, run.draws, run.draws_per_block)};
            for (const auto& stage : stages)
                clock[team] += deal(stage, first[team], static_cast<std::size_t>(team_sizes[team]));
        }
    }

    static std::vector<double> pieces(double work, std::int64_t items, std::int64_t per_piece)
    {
        std::vector<double> result;
        for (std::int64_t item = 0; item < items; ++item) {
            if (item % per_piece == 0)
                result.push_back(0);
            result.back() += work / static_cast<double>(items);
        }
        return result;
    }

    /// Contiguous pieces, the first ranks one more each. @returns the slowest rank's work
    double deal(const std::vector<double>& stage, std::size_t first, std::size_t ranks)
    {
        double slowest = 0;
        std::size_t piece = 0;
        for (std::size_t rank = 0; rank < ranks; ++rank) {
            const auto mine = stage.size() / ranks + (rank < stage.size() % ranks ? 1 : 0);
            double own = 0;
            for (std::size_t i = 0; i < mine; ++i)
                own += stage[piece++];
            of_rank[first + rank] += own;
            slowest = std::max(slowest, own);
        }
        return slowest;
    }
};

std::vector<RunWork> random_runs(std::size_t count, unsigned seed)
{
    std::mt19937 bits(seed);
    const auto below = [&](std::uint32_t n) { return static_cast<std::int64_t>(bits() % n); };
    std::vector<RunWork> runs(count);
    for (auto& run : runs) {
        run.batches = 1 + below(9);
        run.batch_size = 1 + below(50);
        run.test_samples = 1 + below(400);
        run.draws = below(60);
        run.draws_per_block = std::max<std::int64_t>(1, (run.draws + 7) / 8);
        run.probe = static_cast<double>(below(1000));
        run.accuracy = static_cast<double>(below(300));
        run.fresh = run.draws > 0 ? static_cast<double>(below(3000)) : 0.0;
    }
    return runs;
}

TEST(Schedule, AgreesWithASlowSimulation)
{
    for (unsigned seed = 0; seed < 40; ++seed) {
        std::mt19937 bits(seed + 100);
        const auto runs = random_runs(1 + bits() % 40, seed);
        const int ranks = 1 + static_cast<int>(bits() % 24);
        const Teams teams{1 + static_cast<int>(bits() % static_cast<unsigned>(ranks))};
        std::vector<std::int64_t> order(runs.size());
        std::iota(order.begin(), order.end(), std::int64_t{0});
        std::shuffle(order.begin(), order.end(), bits);
        std::vector<int> sizes(static_cast<std::size_t>(teams.count));
        for (int rank = 0; rank < ranks; ++rank)
            ++sizes[static_cast<std::size_t>(teams.team_of(rank, ranks))];

        const auto schedule = simulate(runs, order, teams, ranks);
        const SlowSchedule slow(runs, order, sizes);
        EXPECT_NEAR(schedule.makespan, *std::max_element(slow.clock.begin(), slow.clock.end()), 1e-6) << seed;
        for (std::size_t rank = 0; rank < slow.of_rank.size(); ++rank)
            EXPECT_NEAR(schedule.work_of_rank[rank], slow.of_rank[rank], 1e-6) << seed << " rank " << rank;
    }
}

} // namespace
} // namespace fa::harness
