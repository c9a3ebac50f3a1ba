#pragma once
/// Pickles written by hand, opcode by opcode (Python's Lib/pickletools.py says what each does).

#include "models/checkpoint_error.hpp"
#include "models/pickle/reader.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace fa::testing {

/// Bytes of a literal, zeros included.
template <std::size_t Size>
std::string raw(const char (&literal)[Size])
{
    return std::string(literal, Size - 1);
}

/// A number as pickles hold it, lowest byte first.
inline std::string little_endian(std::uint64_t value, int bytes)
{
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i));
    return text;
}

inline std::string repeated(const std::string& piece, std::size_t times)
{
    std::string text;
    text.reserve(piece.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        text += piece;
    return text;
}

/// BINUNICODE of a text.
inline std::string text(const std::string& value)
{
    std::string opcode(1, 'X');
    opcode += little_endian(value.size(), 4);
    return opcode += value;
}

/// The pickle points into `pickled`.
inline models::pickle::Pickle read_pickle(const std::string& pickled)
{
    return models::pickle::read(std::as_bytes(std::span(pickled)));
}

/// Why a pickle is refused; "accepted" where it is not.
inline std::string pickle_refusal(const std::string& pickled)
{
    try {
        read_pickle(pickled);
    } catch (const models::CheckpointError& error) {
        return error.what();
    }
    return "accepted";
}

} // namespace fa::testing
