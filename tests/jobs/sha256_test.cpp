#include "jobs/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fa::jobs {
namespace {

// FIPS 180-4's examples.
TEST(Sha256, OfNothing)
{
    EXPECT_EQ(sha256(std::string_view()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, OfAbc)
{
    EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfAMillionLettersInUnevenPieces)
{
    const std::string text(1'000'000, 'a');
    Sha256 hash;
    for (std::size_t at = 0, piece = 1; at < text.size(); at += piece, piece = piece * 2 + 1) {
        hash.update(std::string_view(text).substr(at, piece));
    }
    EXPECT_EQ(hash.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

} // namespace
} // namespace fa::jobs
