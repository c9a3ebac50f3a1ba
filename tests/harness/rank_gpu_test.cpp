#include "harness/rank_gpu.hpp"

#include <gtest/gtest.h>

namespace fa::harness {
namespace {

RankGpu on(const std::string& host, const std::string& uuid)
{
    return {.host = host, .uuid = uuid, .bus = "bus of " + uuid};
}

RankGpu on_cpu()
{
    return {.host = "x", .uuid = "", .bus = ""};
}

TEST(RankGpu, RanksWithDistinctGpusHaveTheirOwn)
{
    // Each process may see one GPU alone, so that all of them count it as 0.
    EXPECT_TRUE(have_gpus_of_their_own({on("x", "a"), on("x", "b"), on("y", "c")}));
}

TEST(RankGpu, RanksThatShareOneHaveNot)
{
    const std::vector<RankGpu> ranks{on("x", "a"), on("x", "b"), on("x", "a"), on("x", "a")};
    EXPECT_FALSE(have_gpus_of_their_own(ranks));
}

TEST(RankGpu, PartsOfOneGpuAreOne)
{
    auto first = on("x", "MIG-1"), second = on("x", "MIG-2");
    second.bus = first.bus;
    EXPECT_FALSE(have_gpus_of_their_own({first, second}));
    second.host = "y"; // the same place on another machine's bus
    EXPECT_TRUE(have_gpus_of_their_own({first, second}));
}

TEST(RankGpu, RanksOnCpusHaveNoneAndShareNone)
{
    EXPECT_FALSE(have_gpus_of_their_own({on_cpu(), on_cpu()}));
    EXPECT_FALSE(have_gpus_of_their_own({on("x", "a"), on_cpu()}));
}

TEST(RankGpu, ATeamOfOneNeedsNoNccl)
{
    EXPECT_FALSE(have_gpus_of_their_own({on("x", "a")}));
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
