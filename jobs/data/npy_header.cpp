#include "jobs/data/npy_header.hpp"

#include "jobs/data_error.hpp"
#include "jobs/manifest_words.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <set>
#include <string>

namespace fa::jobs::data {
namespace {

constexpr auto known_types = "uint8 to uint64, int8 to int64, float16, float32 and float64 are read";

/// A reader of the Python literals that a header has: strings, True, False, tuples of numbers.
class Literals {
  public:
    explicit Literals(std::string_view text) : left_(text) {}

    /// Is the next character this one? Then it is passed.
    bool passes(char wanted)
    {
        skip_blanks();
        const bool found = left_.starts_with(wanted);
        left_.remove_prefix(found ? 1 : 0);
        return found;
    }
    void expect(char wanted)
    {
        if (!passes(wanted)) {
            fail(std::string("'") + wanted + "'");
        }
    }
    std::string_view string()
    {
        skip_blanks();
        const char quote = left_.empty() ? ' ' : left_.front();
        const auto end = quote == '\'' || quote == '"' ? left_.find(quote, 1) : std::string_view::npos;
        if (end == std::string_view::npos) {
            fail("a text in quotes");
        }
        const auto content = left_.substr(1, end - 1);
        left_.remove_prefix(end + 1);
        return content;
    }
    bool boolean()
    {
        skip_blanks();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (left_.starts_with(word)) {
                left_.remove_prefix(word.size());
                return value;
            }
        }
        fail("True or False");
    }
    std::uint64_t number()
    {
        skip_blanks();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
        if (error != std::errc{}) {
            fail("a size (0 … 2^64 − 1)");
        }
        left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
        passes('L'); // Python 2's
        return value;
    }
    std::vector<std::uint64_t> tuple()
    {
        constexpr std::size_t most_axes = 32; // NumPy's own limit
        std::vector<std::uint64_t> sizes;
        expect('(');
        while (!passes(')')) {
            sizes.push_back(number());
            if (sizes.size() > most_axes) {
                throw DataError("has more than 32 axes");
            }
            if (!passes(',')) {
                expect(')');
                break;
            }
        }
        return sizes;
    }
    void end()
    {
        skip_blanks();
        if (!left_.empty()) {
            fail("the end");
        }
    }

  private:
    std::string_view left_;

    void skip_blanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n"), left_.size())); }
    [[noreturn]] void fail(const std::string& wanted) const
    {
        throw DataError("has a header that can't be read: " + wanted + " was expected at " +
                        in_quotes(left_.substr(0, 40)));
    }
};

/// "<f4" → float32, little-endian.
ElementType element_type(std::string_view descr)
{
    const auto refuse = [&]() -> DataError {
        return DataError("holds numbers of type " + in_quotes(descr) + "; " + known_types);
    };
    if (descr.size() != 3) {
        throw refuse();
    }
    ElementType type{};
    switch (descr[1]) {
    case 'u':
        type.kind = ElementType::Kind::unsigned_integer;
        break;
    case 'i':
        type.kind = ElementType::Kind::signed_integer;
        break;
    case 'f':
        type.kind = ElementType::Kind::floating;
        break;
    default:
        throw refuse();
    }
    type.bytes = static_cast<std::size_t>(descr[2] - '0');
    const bool power = type.bytes >= 1 && type.bytes <= 8 && std::has_single_bit(type.bytes);
    const bool order = descr[0] == '<' || descr[0] == '>' || (descr[0] == '|' && type.bytes == 1);
    if (!power || !order || (!type.is_integer() && type.bytes == 1)) {
        throw refuse();
    }
    type.big_endian = descr[0] == '>';
    return type;
}

} // namespace

NpyHeader parse_npy_dict(std::string_view text)
{
    NpyHeader header;
    std::set<std::string_view> keys;
    Literals literals(text);
    literals.expect('{');
    while (!literals.passes('}')) {
        const auto key = literals.string();
        literals.expect(':');
        if (!keys.insert(key).second) {
            throw DataError("has a header with " + in_quotes(key) + " twice");
        }
        if (key == "descr") {
            if (literals.passes('[')) {
                throw DataError(std::string("holds records; plain numbers are needed: ") + known_types);
            }
            header.type = element_type(literals.string());
        } else if (key == "fortran_order") {
            header.fortran_order = literals.boolean();
        } else if (key == "shape") {
            header.sizes = literals.tuple();
        } else {
            throw DataError("has a header with " + in_quotes(key) +
                            "; descr, fortran_order and shape are all that NumPy writes");
        }
        if (!literals.passes(',')) {
            literals.expect('}');
            break;
        }
    }
    literals.end();
    if (keys.size() != 3) {
        throw DataError("has a header without descr, fortran_order or shape");
    }
    return header;
}

NpyHeader read_npy_header(const ReadBytes& read)
{
    constexpr std::array<std::byte, 6> magic = {std::byte{0x93}, std::byte{'N'}, std::byte{'U'},
                                                std::byte{'M'},  std::byte{'P'}, std::byte{'Y'}};
    std::array<std::byte, magic.size()> start{};
    read(start);
    if (start != magic) {
        throw DataError("is no .npy file");
    }
    std::array<std::byte, 2> version{};
    read(version);
    const auto major = std::to_integer<unsigned>(version[0]);
    if (major < 1 || major > 3) {
        throw DataError("has version " + std::to_string(major) + " of the .npy format; 1, 2 and 3 are known");
    }
    std::array<std::byte, 4> length{}; // little-endian, 2 bytes in version 1
    read(std::span(length).first(major == 1 ? 2 : 4));
    std::uint32_t header_bytes = 0;
    for (std::size_t i = 0; i < length.size(); ++i) {
        header_bytes |= std::to_integer<std::uint32_t>(length[i]) << (8 * i);
    }
    constexpr std::uint32_t most_bytes = 1 << 16; // of plain arrays it is about 100
    if (header_bytes > most_bytes) {
        throw DataError("has a header of " + std::to_string(header_bytes) + " bytes; at most 65536 are read");
    }
    std::string text(header_bytes, '\0');
    read(std::as_writable_bytes(std::span(text)));
    return parse_npy_dict(text);
}

} // namespace fa::jobs::data
