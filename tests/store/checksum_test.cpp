#include "store/writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fa::store {
namespace {

std::uint32_t of(std::string_view text)
{
    return checksum(std::as_bytes(std::span(text)));
}

/// The definition, bit by bit: reflected polynomial 0xedb88320.
std::uint32_t slow_crc(std::span<const std::byte> bytes)
{
    std::uint32_t crc = 0xffffffffu;
    for (const std::byte byte : bytes) {
        crc ^= static_cast<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
        }
    }
    return ~crc;
}

TEST(Checksum, IsCrc32)
{
    EXPECT_EQ(of("123456789"), 0xcbf43926u); // the check value of CRC-32/ISO-HDLC
    EXPECT_EQ(of(""), 0u);
    const std::string text = "feedback alignment";
    EXPECT_EQ(of(text), slow_crc(std::as_bytes(std::span(text))));
}

TEST(Checksum, OfPiecesCombinesToThatOfTheWhole)
{
    const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(combined_checksum(of(text.substr(0, cut)), of(text.substr(cut)), text.size() - cut),
                  of(text));
    }
}

TEST(Checksum, CombinesPiecesLongerThan4GiB)
{
    // Appending n zero bytes n = 2^33 + 1 times is too slow; doubling is not: crc(a·0^(2k)) from crc(a·0^k).
    std::uint32_t zeros = of(std::string_view("\0", 1)); // crc of 2^k zero bytes
    std::uint64_t length = 1;
    for (int k = 0; k < 33; ++k) {
        zeros = combined_checksum(zeros, zeros, length);
        length *= 2;
    }
    const std::uint32_t halves = combined_checksum(combined_checksum(of("x"), zeros, length), zeros, length);
    EXPECT_EQ(combined_checksum(of("x"), combined_checksum(zeros, zeros, length), 2 * length), halves);
    EXPECT_NE(combined_checksum(of("x"), zeros, length),
              combined_checksum(of("x"), zeros, length & 0xffffffffu));
}

} // namespace
} // namespace fa::store
