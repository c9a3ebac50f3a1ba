#include "diagnostics/philox.hpp"

#include <Random123/philox.h>
#include <gmock/gmock.h>

using fa::random::philox;
using testing::ElementsAre;

// Known answers published with Random123 (its tests/kat_vectors, "philox4x32 10"): counter, key → words. Our
// counter is (block, layer, draw, purpose), our key (low half, high half) of the seed.

TEST(Philox, GivesThePublishedWordsForZeros)
{
    EXPECT_THAT(philox(0, 0, 0, 0, 0), ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
}

TEST(Philox, GivesThePublishedWordsForOnes)
{
    EXPECT_THAT(philox(0xffffffffffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff),
                ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
}

TEST(Philox, GivesThePublishedWordsForDigitsOfPi)
{
    EXPECT_THAT(philox(0x299f31d0a4093822, 0x03707344, 0x13198a2e, 0x85a308d3, 0x243f6a88),
                ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(Philox, GivesRandom123sWordsForManyKeysAndCounters)
{
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const std::uint64_t seed = 0x9e3779b97f4a7c15 * i;
        const std::uint32_t purpose = i % 7, draw = 2654435761U * i, layer = i % 13, block = ~i;
        const r123::Philox4x32::ctr_type counter = {{block, layer, draw, purpose}};
        const r123::Philox4x32::key_type key = {
            {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
        const auto words = r123::Philox4x32{}(counter, key);
        ASSERT_THAT(philox(seed, purpose, draw, layer, block),
                    ElementsAre(words[0], words[1], words[2], words[3]));
    }
}

TEST(Philox, UniformsLieStrictlyBetweenZeroAndOne)
{
    EXPECT_EQ(fa::random::uniform01(0), 0x1p-33);
    EXPECT_EQ(fa::random::uniform01(0xffffffff), 1.0 - 0x1p-33);
}
