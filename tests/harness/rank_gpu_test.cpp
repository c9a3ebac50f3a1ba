#include "harness/rank_gpu.hpp"

#include <gmock/gmock.h>

namespace fa::harness {
namespace {

using ::testing::ElementsAre;

RankGpu on(int rank, const std::string& host, const std::string& uuid, int index = 0)
{
    return {.rank = rank, .host = host, .uuid = uuid, .bus = "bus of " + uuid, .index = index};
}

RankGpu on_cpu(int rank)
{
    return {.rank = rank, .host = "x", .uuid = "", .bus = "", .index = 0};
}

TEST(RankGpu, RanksWithDistinctGpusHaveTheirOwn)
{
    // Each process may see one GPU alone, so that all of them count it as 0.
    EXPECT_TRUE(have_gpus_of_their_own({on(0, "x", "a"), on(1, "x", "b"), on(2, "y", "c")}));
}

TEST(RankGpu, RanksThatShareOneHaveNot)
{
    const std::vector<RankGpu> ranks{on(0, "x", "a"), on(1, "x", "b", 1), on(2, "x", "a"), on(3, "x", "a")};
    EXPECT_FALSE(have_gpus_of_their_own(ranks));
    const auto shared = shared_gpu(ranks);
    ASSERT_TRUE(shared);
    EXPECT_THAT(shared->ranks, ElementsAre(0, 2, 3));
    EXPECT_EQ(shared->host, "x");
    EXPECT_EQ(shared->index, 0);
}

TEST(RankGpu, PartsOfOneGpuAreOne)
{
    auto first = on(0, "x", "MIG-1"), second = on(1, "x", "MIG-2");
    second.bus = first.bus;
    EXPECT_FALSE(have_gpus_of_their_own({first, second}));
    second.host = "y"; // the same place on another machine's bus
    EXPECT_TRUE(have_gpus_of_their_own({first, second}));
}

TEST(RankGpu, RanksOnCpusHaveNoneAndShareNone)
{
    EXPECT_FALSE(have_gpus_of_their_own({on_cpu(0), on_cpu(1)}));
    EXPECT_FALSE(have_gpus_of_their_own({on(0, "x", "a"), on_cpu(1)}));
    EXPECT_FALSE(shared_gpu({on_cpu(0), on_cpu(1)}));
}

TEST(RankGpu, ATeamOfOneNeedsNoNccl)
{
    EXPECT_FALSE(have_gpus_of_their_own({on(0, "x", "a")}));
}

TEST(SharedGpuNotice, NamesRanksGpuAndHost)
{
    EXPECT_EQ(
        shared_gpu_notice({{on(0, "x", "a"), on(1, "x", "b"), on(2, "x", "a")}}),
        "ranks 0 and 2 share GPU 0 of host x: their team reduces over MPI; give each rank a GPU of its own "
        "for NCCL");
}

TEST(SharedGpuNotice, SaysOneSentenceOfManyTeams)
{
    const std::vector<RankGpu> whole{on(0, "x", "a"), on(1, "x", "b")};
    const std::vector<RankGpu> sharing{on(2, "y", "c", 3), on(4, "y", "c", 3), on(5, "y", "c", 3)};
    const std::vector<RankGpu> other{on(6, "z", "d"), on(7, "z", "d")};
    EXPECT_EQ(
        shared_gpu_notice({whole, sharing, other}),
        "ranks 2, 4 and 5 share GPU 3 of host y (and so do ranks of another team): their teams reduce over "
        "MPI; give each rank a GPU of its own for NCCL");
    EXPECT_THAT(shared_gpu_notice({whole, sharing, other, other}),
                ::testing::HasSubstr("(and so do ranks of 2 other teams)"));
}

TEST(SharedGpuNotice, IsEmptyWhereNoTeamSharesOne)
{
    // Ranks of two teams of one that share a GPU reduce over nothing.
    EXPECT_EQ(shared_gpu_notice({{on(0, "x", "a")}, {on(1, "x", "a")}, {on_cpu(2), on_cpu(3)}}), "");
}

TEST(RankGpus, OfACpuAreNone)
{
    const auto ranks = rank_gpus(comm::Communicator(), at::kCPU);
    ASSERT_EQ(ranks.size(), 1U);
    EXPECT_EQ(ranks[0].uuid, "");
    EXPECT_NE(ranks[0].host, "");
}

} // namespace
} // namespace fa::harness
