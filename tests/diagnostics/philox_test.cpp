#include "diagnostics/philox.hpp"

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

TEST(Philox, UniformsLieStrictlyBetweenZeroAndOne)
{
    EXPECT_EQ(fa::random::uniform01(0), 0x1p-33);
    EXPECT_EQ(fa::random::uniform01(0xffffffff), 1.0 - 0x1p-33);
}
