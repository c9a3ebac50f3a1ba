#include "jobs/plan.hpp"

#include "diagnostics/philox.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>

namespace fa::jobs {
namespace {

TEST(DrawBlocks, HaveAnEighthOfTheDrawsButAtMost32)
{
    EXPECT_EQ(draws_per_block(200), 25);
    EXPECT_EQ(draws_per_block(201), 26);
    EXPECT_EQ(draws_per_block(1000), 32);
    EXPECT_EQ(draws_per_block(8), 1);
    EXPECT_EQ(draws_per_block(1), 1);
    EXPECT_EQ(draws_per_block(0), 0);
}

TEST(DrawBlocks, CoverEachDrawOnceInOrder)
{
    for (const std::int64_t draws : {0, 1, 7, 8, 9, 200, 257, 1000}) {
        std::int64_t next = 0;
        for (const Range& block : draw_blocks(draws)) {
            EXPECT_EQ(block.begin, next);
            EXPECT_GT(block.size(), 0);
            EXPECT_LE(block.size(), draws_per_block(draws));
            next = block.end;
        }
        EXPECT_EQ(next, draws);
    }
}

TEST(Share, CoversEachItemOnceInRankOrder)
{
    for (const std::int64_t items : {0, 1, 5, 8, 9, 1000}) {
        for (int ranks = 1; ranks <= 12; ++ranks) {
            std::int64_t next = 0;
            for (int rank = 0; rank < ranks; ++rank) {
                const Range mine = share(items, rank, ranks);
                EXPECT_EQ(mine.begin, next);
                next = mine.end;
            }
            EXPECT_EQ(next, items);
        }
    }
}

TEST(Share, DiffersByAtMostOneItem)
{
    for (int ranks = 1; ranks <= 12; ++ranks) {
        std::set<std::int64_t> sizes;
        for (int rank = 0; rank < ranks; ++rank) {
            sizes.insert(share(100, rank, ranks).size());
        }
        EXPECT_LE(*sizes.rbegin() - *sizes.begin(), 1);
    }
}

/// Straight from the definition: sort (64-bit key, index).
std::vector<std::int64_t> slow_permutation(std::int64_t samples, std::uint64_t seed)
{
    std::vector<std::pair<std::uint64_t, std::int64_t>> keyed;
    for (std::int64_t i = 0; i < samples; ++i) {
        const auto words = random::philox(seed, 3, 0, 0, static_cast<std::uint32_t>(i));
        keyed.emplace_back((static_cast<std::uint64_t>(words[1]) << 32) + words[0], i);
    }
    std::sort(keyed.begin(), keyed.end());
    std::vector<std::int64_t> order;
    for (const auto& [key, index] : keyed) {
        order.push_back(index);
    }
    return order;
}

TEST(EvaluationSamples, AreTheFirstOfAKeyedPermutation)
{
    const auto whole = slow_permutation(500, 42);
    for (const std::int64_t count : {0, 1, 128, 500}) {
        EXPECT_EQ(evaluation_samples(500, count, 42), std::vector(whole.begin(), whole.begin() + count));
    }
}

TEST(EvaluationSamples, AreAllSamplesWhenAllAreTaken)
{
    auto all = evaluation_samples(1000, 1000, 7);
    EXPECT_FALSE(std::is_sorted(all.begin(), all.end()));
    std::sort(all.begin(), all.end());
    std::vector<std::int64_t> expected(1000);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected);
}

TEST(EvaluationSamples, ChangeWithTheSeed)
{
    EXPECT_NE(evaluation_samples(1000, 128, 0), evaluation_samples(1000, 128, 1));
}

TEST(EvaluationSamples, CannotBeMoreThanThereAre)
{
    EXPECT_THROW(evaluation_samples(100, 101, 0), std::invalid_argument);
    EXPECT_THROW(evaluation_samples(100, -1, 0), std::invalid_argument);
}

} // namespace
} // namespace fa::jobs
