#include "store/heaps.hpp"

#include "store/error.hpp"

#include <gmock/gmock.h>

#include <string>

namespace fa::store {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using namespace std::string_literals;

std::string little_endian(std::uint64_t number, std::size_t width)
{
    std::string bytes;
    for (std::size_t i = 0; i < width; ++i)
        bytes += static_cast<char>(number >> (8 * i));
    return bytes;
}

/// A heap of 64 bytes: one object of 5 bytes, and what is free; between other bytes of a file.
std::string file_with_heap(std::uint64_t heap_size, std::uint64_t object_size, std::uint64_t free_size)
{
    const auto object = little_endian(1, 2) + little_endian(1, 2) + little_endian(0, 4) +
                        little_endian(object_size, 8) + "hello\0\0\0"s;
    const auto rest = little_endian(0, 8) + little_endian(free_size, 8) + std::string(8, '\0');
    return "other"s + "GCOL\1\0\0\0"s + little_endian(heap_size, 8) + object + rest;
}

void check(const std::string& file)
{
    check_global_heaps(std::as_bytes(std::span(file)), "a.h5");
}

TEST(Hdf5Heaps, OfAWholeFileFit)
{
    EXPECT_NO_THROW(check(file_with_heap(64, 5, 24)));
    EXPECT_NO_THROW(check("no heap at all"));
    EXPECT_NO_THROW(check("the letters GCOL alone"));
}

TEST(Hdf5Heaps, HoldNoObjectThatReachesBeyondThem)
{
    for (const std::uint64_t size : {33ull, 1ull << 32, 1ull << 62, ~0ull, ~0ull - 7})
        EXPECT_THAT([&] { check(file_with_heap(64, size, 24)); },
                    ThrowsMessage<StoreError>(HasSubstr("a.h5: is damaged: the heap of texts at byte 5")))
            << size;
    EXPECT_THROW(check(file_with_heap(64, 5, 25)), StoreError);
}

TEST(Hdf5Heaps, EndInTheFile)
{
    for (const std::uint64_t size : {0ull, 15ull, 65ull, 1ull << 40, ~0ull})
        EXPECT_THROW(check(file_with_heap(size, 5, 24)), StoreError) << size;
    EXPECT_THROW(check("GCOL\1\0\0\0"s), StoreError);
}

} // namespace
} // namespace fa::store
