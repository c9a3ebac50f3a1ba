#include "harness/slabs.hpp"

#include <gmock/gmock.h>

namespace fa::harness {
namespace {

TEST(Slabs, OfAllRanksFitIntoTheirMemory)
{
    EXPECT_EQ(slab_length(1 << 20, 4, 1 << 16), 1 << 14);
    EXPECT_EQ(slab_length(1 << 20, 3, 1 << 16), (1 << 16) / 3 / 64 * 64);
    EXPECT_EQ(slab_length(1000, 3, 1 << 16), 1000) << "all at once";
    EXPECT_EQ(slab_length(1000, 4000, 1 << 16), 64) << "so many ranks that it can't be";
}

TEST(Slabs, CoverEveryByteOnce)
{
    const auto pieces = slabs(1000, 384);
    ASSERT_EQ(pieces.size(), 3U);
    EXPECT_EQ(pieces[0].begin, 0);
    EXPECT_EQ(pieces[0].end, pieces[1].begin);
    EXPECT_EQ(pieces[1].end, pieces[2].begin);
    EXPECT_EQ(pieces[2].end, 1000);
    EXPECT_TRUE(slabs(0, 0).empty());
}

} // namespace
} // namespace fa::harness
