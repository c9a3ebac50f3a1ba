#include "models/pickle/numbers.hpp"

#include "models/checkpoint_error.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace fa::models::pickle {
namespace {

Object decimal(std::string_view text)
{
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, value);
    if (rest != end || problem == std::errc::invalid_argument)
        throw CheckpointError("a line that holds no integer");
    return problem == std::errc() ? Object(Kind::integer, value) : Object(Kind::big_integer, text);
}

} // namespace

Object decimal_or_flag(std::string_view line)
{
    if (line == "00" || line == "01")
        return Object(Kind::boolean, std::int64_t{line == "01"});
    return decimal(line);
}

Object decimal_long(std::string_view line)
{
    if (line.ends_with('L'))
        line.remove_suffix(1);
    return decimal(line);
}

Object long_integer(std::string_view digits)
{
    if (digits.size() > sizeof(std::int64_t))
        return Object(Kind::big_integer, digits);
    const bool negative = !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80) != 0;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    digits.copy(reinterpret_cast<char*>(&value), digits.size());
    return Object(Kind::integer, static_cast<std::int64_t>(value));
}

Object big_endian_real(std::string_view bytes)
{
    std::array<char, sizeof(double)> reversed{};
    std::reverse_copy(bytes.begin(), bytes.end(), reversed.begin());
    return Object(Kind::real, std::bit_cast<double>(reversed));
}

} // namespace fa::models::pickle
