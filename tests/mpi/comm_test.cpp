#include "harness/comm/agreement.hpp"
#include "harness/comm/counter.hpp"
#include "harness/comm/mpi_backend.hpp"

#include <gmock/gmock.h>

#include <numeric>
#include <string>

namespace fa::harness::comm {
namespace {

Communicator world()
{
    return Communicator(make_mpi_backend(MPI_COMM_WORLD));
}

TEST(Communicator, BroadcastsTextsOfTheRootsLength)
{
    const auto group = world();
    const int root = group.size() - 1;
    const auto text = group.rank() == root ? std::string("seventeen letters") : std::string("x");
    EXPECT_EQ(group.shared(text, root), "seventeen letters");
}

TEST(Communicator, BroadcastsSequencesOfTheRootsLength)
{
    const auto group = world();
    std::vector<double> values;
    if (group.leads())
        values = {1.5, -2.0, 3.25};
    EXPECT_THAT(group.shared(values), testing::ElementsAre(1.5, -2.0, 3.25));
}

TEST(Communicator, GathersInRankOrder)
{
    const auto group = world();
    const auto all = group.all_gather(10 * group.rank());
    ASSERT_EQ(all.size(), static_cast<std::size_t>(group.size()));
    for (int rank = 0; rank < group.size(); ++rank)
        EXPECT_EQ(all[static_cast<std::size_t>(rank)], 10 * rank);
}

TEST(Communicator, GathersBytesIntoThePlaceWhereEachRanksLie)
{
    const auto group = world();
    const auto rank = static_cast<std::size_t>(group.rank());
    std::vector<std::byte> all(3 * static_cast<std::size_t>(group.size()));
    const auto mine = std::span(all).subspan(3 * rank, 3);
    std::fill(mine.begin(), mine.end(), std::byte(10 + group.rank()));
    group.all_gather(mine, all);
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i], std::byte(10 + i / 3)) << "byte " << i;
}

TEST(Communicator, SumsIntegersBeyondFiftyThreeBitsExactly)
{
    const auto group = world();
    const std::uint64_t big = (std::uint64_t{1} << 60) + 1;
    std::vector<std::uint64_t> values{big, 1};
    group.sum(values);
    const auto ranks = static_cast<std::uint64_t>(group.size());
    EXPECT_THAT(values, testing::ElementsAre(big * ranks, ranks));
}

TEST(Communicator, SplitsIntoTeamsThatDontMeet)
{
    const auto group = world();
    const auto team = group.split(group.rank() % 2);
    const auto members = team.all_gather(group.rank());
    for (const int member : members)
        EXPECT_EQ(member % 2, group.rank() % 2);
    EXPECT_TRUE(std::is_sorted(members.begin(), members.end()));
}

TEST(Communicator, CountsTheRanksOfThisMachine)
{
    const auto group = world();
    EXPECT_EQ(group.ranks_on_this_machine(), group.size()); // tests run on one
    EXPECT_EQ(group.place_on_this_machine().rank, group.rank());
}

TEST(Communicator, ItsWatchAndThatOfItsPartsSeesAStepsErrorBeforeAllThrow)
{
    std::vector<std::string> seen;
    const auto group =
        world().watched_by([&](const std::exception& error) { seen.emplace_back(error.what()); });
    for (const auto& team : {group, group.split(0)}) {
        const bool fails = team.rank() + 1 == team.size();
        EXPECT_THROW(together(team,
                              [&] {
                                  if (fails)
                                      throw std::runtime_error("here");
                              }),
                     GroupError);
    }
    const bool failed = group.rank() + 1 == group.size();
    EXPECT_EQ(seen.size(), failed ? 2U : 0U);
}

TEST(Agreement, ShowsNoStackTraceToTheUser)
{
    EXPECT_EQ(reason(std::runtime_error("not enough memory\nframe #0: f\nframe #1: g")), "not enough memory");
    EXPECT_EQ(reason(std::runtime_error("shapes differ\nException raised from f at g.cpp:1\n")),
              "shapes differ");
    EXPECT_EQ(reason(std::runtime_error("two\nlines")), "two\nlines");
}

TEST(Agreement, EveryRankThrowsTheMessageOfTheLowestRankThatFailed)
{
    const auto group = world();
    const int first_bad = group.size() / 2;
    try {
        together(group, [&] {
            if (group.rank() >= first_bad)
                throw std::runtime_error("rank " + std::to_string(group.rank()) + " fell over");
        });
        ADD_FAILURE() << "rank " << group.rank() << " went on";
    } catch (const GroupError& error) {
        EXPECT_EQ(error.what(), "rank " + std::to_string(first_bad) + " fell over");
    }
}

TEST(Agreement, PassesWhereNoRankFails)
{
    int steps = 0;
    EXPECT_NO_THROW(together(world(), [&] { ++steps; }));
    EXPECT_EQ(steps, 1);
}

TEST(SharedCounter, HandsOutEachPlaceOnce)
{
    const auto group = world();
    constexpr std::uint64_t places = 40;
    std::uint64_t mine = 0;
    {
        SharedCounter counter(group, 2);
        while (counter.fetch_and_add(0, 1) < places) {
            ++mine;
            counter.fetch_and_add(1, 3);
            counter.poll();
        }
        group.barrier();
        EXPECT_EQ(counter.value(1), 3 * places);
        group.barrier();
    }
    std::uint64_t all = 0;
    for (const auto count : group.all_gather(mine))
        all += count;
    EXPECT_EQ(all, places);
}

TEST(Communicator, WaitsUntilAllAreThere)
{
    const auto group = world();
    int calls = 0;
    group.wait_for_all([&] { ++calls; });
    SUCCEED() << calls;
}

} // namespace
} // namespace fa::harness::comm
