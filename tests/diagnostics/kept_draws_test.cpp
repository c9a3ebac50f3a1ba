#include "diagnostics/kept_draws.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace fa;
using diagnostics::DrawSpec;
using diagnostics::KeptDraws;

namespace {

constexpr jobs::Range blocks[] = {{0, 4}, {4, 8}, {8, 12}};

DrawSpec spec_of(std::uint64_t seed)
{
    return {.seed = seed,
            .distribution = jobs::Distribution::normal,
            .shapes = {{20, 3}, {20, 3}},
            .scale = {1.0, 1.0},
            .shared = false,
            .permuted = {}};
}

std::uint64_t bytes_of_a_block()
{
    return diagnostics::block_bytes(diagnostics::Propagation::direct, spec_of(1).shapes, false, 4);
}

/// Asks for every block, and compares it with the draws themselves.
void expect_every_block(KeptDraws& kept, const DrawSpec& spec)
{
    for (const auto range : blocks) {
        const auto& block = kept.block(range);
        ASSERT_EQ(block.draws.begin, range.begin);
        for (std::size_t l = 0; l < 2; ++l)
            for (std::int64_t r = 0; r < range.size(); ++r) {
                std::vector<float> matrix;
                block.layers[l].unpack(r, matrix);
                const auto draw = diagnostics::draw(spec, range.begin + r, static_cast<std::int64_t>(l));
                EXPECT_TRUE(at::equal(at::tensor(matrix, at::kFloat), draw.flatten()));
            }
    }
}

} // namespace

TEST(KeptDraws, AreMadeOnceForRunsOfOneSpec)
{
    KeptDraws kept;
    for (int run = 0; run < 3; ++run) {
        kept.begin(spec_of(1), 3 * bytes_of_a_block());
        expect_every_block(kept, spec_of(1));
    }
    EXPECT_EQ(kept.made(), 3U);
    EXPECT_EQ(kept.bytes(), 3 * bytes_of_a_block());
}

TEST(KeptDraws, BeyondTheBudgetAreMadeAgain)
{
    KeptDraws kept;
    for (int run = 0; run < 3; ++run) {
        kept.begin(spec_of(1), 2 * bytes_of_a_block());
        expect_every_block(kept, spec_of(1));
        EXPECT_EQ(kept.bytes(), 2 * bytes_of_a_block());
    }
    EXPECT_EQ(kept.made(), 5U);
    kept.begin(spec_of(1), 0);
    EXPECT_EQ(kept.bytes(), 0U);
    expect_every_block(kept, spec_of(1));
}

TEST(KeptDraws, OfAnotherSpecAreNotTakenForThisRuns)
{
    KeptDraws kept;
    for (const std::uint64_t seed : {1, 2, 1}) {
        kept.begin(spec_of(seed), 10 * bytes_of_a_block());
        expect_every_block(kept, spec_of(seed));
    }
    EXPECT_EQ(kept.made(), 9U);
    auto other = spec_of(1);
    other.scale[1] = 2.0;
    kept.begin(other, 10 * bytes_of_a_block());
    expect_every_block(kept, other);
}
