#include "harness/byte_size.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fa::harness {
namespace {

TEST(ByteSize, IsReadWithTheUsualUnits)
{
    EXPECT_EQ(bytes_from("4096"), 4096U);
    EXPECT_EQ(bytes_from("2K"), 2048U);
    EXPECT_EQ(bytes_from("1.5M"), 1572864U);
    EXPECT_EQ(bytes_from("8G"), 8589934592U);
    EXPECT_EQ(bytes_from("8GiB"), 8589934592U);
    EXPECT_EQ(bytes_from("2TB"), 2199023255552U);
}

TEST(ByteSize, RefusesWhatIsNone)
{
    for (const char* bad : {"", "G", "8 G", "8g", "-1G", "0", "nan", "inf", "1e40", "8GG", "0x10"})
        EXPECT_THROW(bytes_from(bad), std::invalid_argument) << bad;
}

TEST(ByteSize, IsWrittenForPeople)
{
    EXPECT_EQ(human_bytes(17), "17 B");
    EXPECT_EQ(human_bytes(1536), "1.5 KiB");
    EXPECT_EQ(human_bytes(bytes_from("8G")), "8.0 GiB");
}

} // namespace
} // namespace fa::harness
