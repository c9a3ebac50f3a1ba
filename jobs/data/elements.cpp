#include "jobs/data/elements.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace fa::jobs::data {
namespace {

static_assert(std::endian::native == std::endian::little);

/// IEEE binary16 as it lies in memory.
struct Half {
    std::uint16_t bits;

    explicit operator float() const
    {
        const int exponent = bits >> 10 & 0x1f;
        const int fraction = bits & 0x3ff;
        float magnitude = 0;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                                      : std::numeric_limits<float>::quiet_NaN();
        } else if (exponent == 0) {
            magnitude = std::ldexp(static_cast<float>(fraction), -24);
        } else {
            magnitude = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
        }
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }
};

template <typename Stored>
Stored element(const std::byte* from, bool big_endian)
{
    std::array<std::byte, sizeof(Stored)> bytes;
    std::copy_n(from, bytes.size(), bytes.begin());
    if (big_endian) {
        std::reverse(bytes.begin(), bytes.end());
    }
    return std::bit_cast<Stored>(bytes);
}

template <typename Wanted, typename Stored>
Wanted converted(Stored value)
{
    if constexpr (std::is_same_v<Wanted, std::int64_t> && std::is_same_v<Stored, std::uint64_t>) {
        return static_cast<Wanted>(
            std::min<std::uint64_t>(value, static_cast<std::uint64_t>(std::numeric_limits<Wanted>::max())));
    } else {
        return static_cast<Wanted>(value);
    }
}

template <typename Wanted, typename Stored>
std::vector<Wanted> read_as(const ReadBytes& read, bool big_endian, std::size_t count)
{
    constexpr std::size_t most_at_once = (std::size_t{1} << 18) / sizeof(Stored);
    std::vector<std::byte> piece(std::min(count, most_at_once) * sizeof(Stored));
    std::vector<Wanted> values;
    values.reserve(count);
    while (values.size() < count) {
        const auto bytes =
            std::span(piece).first(std::min(piece.size(), (count - values.size()) * sizeof(Stored)));
        read(bytes);
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(Stored)) {
            values.push_back(converted<Wanted>(element<Stored>(bytes.data() + at, big_endian)));
        }
    }
    return values;
}

template <typename Wanted>
std::vector<Wanted> read_integers_as(const ReadBytes& read, const ElementType& type, std::size_t count)
{
    const bool is_signed = type.kind == ElementType::Kind::signed_integer;
    switch (type.bytes) {
    case 1:
        return is_signed ? read_as<Wanted, std::int8_t>(read, type.big_endian, count)
                         : read_as<Wanted, std::uint8_t>(read, type.big_endian, count);
    case 2:
        return is_signed ? read_as<Wanted, std::int16_t>(read, type.big_endian, count)
                         : read_as<Wanted, std::uint16_t>(read, type.big_endian, count);
    case 4:
        return is_signed ? read_as<Wanted, std::int32_t>(read, type.big_endian, count)
                         : read_as<Wanted, std::uint32_t>(read, type.big_endian, count);
    case 8:
        return is_signed ? read_as<Wanted, std::int64_t>(read, type.big_endian, count)
                         : read_as<Wanted, std::uint64_t>(read, type.big_endian, count);
    }
    throw std::logic_error("integers have 1, 2, 4 or 8 bytes");
}

} // namespace

std::vector<float> read_floats(const ReadBytes& read, const ElementType& type, std::size_t count)
{
    if (type.is_integer()) {
        return read_integers_as<float>(read, type, count);
    }
    switch (type.bytes) {
    case 2:
        return read_as<float, Half>(read, type.big_endian, count);
    case 4:
        return read_as<float, float>(read, type.big_endian, count);
    case 8:
        return read_as<float, double>(read, type.big_endian, count);
    }
    throw std::logic_error("floating-point numbers have 2, 4 or 8 bytes");
}

std::vector<std::int64_t> read_integers(const ReadBytes& read, const ElementType& type, std::size_t count)
{
    if (!type.is_integer()) {
        throw std::logic_error("floating-point numbers are not read as integers");
    }
    return read_integers_as<std::int64_t>(read, type, count);
}

} // namespace fa::jobs::data
