#include "harness/segment_cut.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace fa::harness {

static bool operator==(const std::vector<jobs::Range>& a, const std::vector<std::pair<int, int>>& b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto range, auto pair) {
               return range.begin == pair.first && range.end == pair.second;
           });
}

namespace {

/// 200 draws in 8 blocks of 25: 1e6 multiply-adds of products and 40 values of Γ each.
RunWork eight_blocks()
{
    RunWork work;
    work.draws = 200;
    work.draws_per_block = 25;
    work.draw_blocks = 8;
    work.fresh = 8e6;
    work.gammas = 8 * 40;
    return work;
}

std::vector<jobs::Range> blocks_of(std::int64_t first, std::int64_t count)
{
    std::vector<jobs::Range> blocks;
    for (auto block = first; block < first + count; ++block)
        blocks.push_back({25 * block, 25 * (block + 1)});
    return blocks;
}

TEST(BlocksPerSegment, OfARunBelowTheLimitIsNone)
{
    const auto work = eight_blocks();
    EXPECT_EQ(work.of_draws(), 8 * (1e6 + 40 * 2500));
    EXPECT_EQ(blocks_per_segment(work, 8.8e6), 0);
    EXPECT_EQ(blocks_per_segment(work, std::numeric_limits<double>::infinity()), 0);
    EXPECT_EQ(segments_of(work, 8.8e6, 3), 0);
}

TEST(BlocksPerSegment, AreAsManyAsTheLimitHolds)
{
    EXPECT_EQ(blocks_per_segment(eight_blocks(), 8.7e6), 7);
    EXPECT_EQ(blocks_per_segment(eight_blocks(), 3.4e6), 3);
}

TEST(BlocksPerSegment, AreOneWhereABlockIsBeyondTheLimit)
{
    EXPECT_EQ(blocks_per_segment(eight_blocks(), 1e3), 1);
    EXPECT_EQ(blocks_per_segment(eight_blocks(), 0), 1);
}

TEST(BlocksPerSegment, OfARunWithoutDrawsIsNone)
{
    EXPECT_EQ(blocks_per_segment(RunWork{}, 0), 0);
}

TEST(Cut, DividesAStretchEvenly)
{
    // 7 blocks, at most 3 in a segment: 3, 2, 2.
    const auto segments = cut(blocks_of(1, 7), 3);
    ASSERT_EQ(segments.size(), 3u);
    EXPECT_TRUE((segments[0] == std::vector<std::pair<int, int>>{{25, 50}, {50, 75}, {75, 100}}));
    EXPECT_TRUE((segments[1] == std::vector<std::pair<int, int>>{{100, 125}, {125, 150}}));
    EXPECT_TRUE((segments[2] == std::vector<std::pair<int, int>>{{150, 175}, {175, 200}}));
}

TEST(Cut, NeverReachesOverWhatIsSavedAlready)
{
    auto blocks = blocks_of(0, 2);
    const auto behind = blocks_of(3, 2);
    blocks.insert(blocks.end(), behind.begin(), behind.end());
    const auto segments = cut(blocks, 8);
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_TRUE((segments[0] == std::vector<std::pair<int, int>>{{0, 25}, {25, 50}}));
    EXPECT_TRUE((segments[1] == std::vector<std::pair<int, int>>{{75, 100}, {100, 125}}));
}

TEST(Cut, OfNothingIsNothing)
{
    EXPECT_TRUE(cut({}, 3).empty());
}

TEST(SegmentCount, OfATeamAreThoseOfEachRanksShare)
{
    // 8 blocks over 3 ranks: 3, 3, 2; at most 2 in a segment: 2 + 2 + 1.
    EXPECT_EQ(segments_of(eight_blocks(), 2.2e6, 3), 5);
    EXPECT_EQ(segments_of(eight_blocks(), 2.2e6, 1), 4);
    EXPECT_EQ(segments_of(eight_blocks(), 2.2e6, 20), 8);
}

} // namespace
} // namespace fa::harness
