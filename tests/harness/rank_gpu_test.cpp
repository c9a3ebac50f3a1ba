#include "harness/rank_gpu.hpp"

#include <gtest/gtest.h>

namespace fa::harness {
namespace {

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
}

TEST(RankGpu, ATeamOfOneNeedsNoNccl)
{
    EXPECT_FALSE(have_gpus_of_their_own({on(0, "x", "a")}));
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
