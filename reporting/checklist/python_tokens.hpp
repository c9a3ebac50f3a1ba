#pragma once
/// Python source as tokens: enough to tell a call from a comment, never more than linear in the text's
/// length.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fa::reporting {

enum class TokenKind : std::uint8_t { name, number, string, op };

struct Token {
    std::string_view text;        ///< into the source; of a string its whole literal
    std::uint32_t line = 0;       ///< 1 is the first
    std::uint32_t partner = none; ///< of a bracket: the place of the one that closes (opens) it
    TokenKind kind = TokenKind::op;

    static constexpr std::uint32_t none = 0xFFFFFFFF;
    bool is(std::string_view wanted) const { return text == wanted && kind != TokenKind::string; }
};

/// A statement: what lies between two ends of line outside brackets.
struct LogicalLine {
    std::uint32_t first = 0, end = 0; ///< its tokens, [first, end)
    std::uint32_t indent = 0;         ///< columns; a tab goes to the next multiple of 8
};

struct Tokens {
    std::vector<Token> tokens;
    std::vector<LogicalLine> lines;
};

/// Comments are left out, strings are one token each, but what stands in the braces of an f-string is code:
/// `(`, its tokens, `)`. A backslash at a line's end and brackets join lines. Text that is no Python gives
/// some tokens or other: nothing throws. Brackets that don't match have no partner.
/// @param text  at most 2³¹ bytes, and outlives the tokens
Tokens tokenise(std::string_view text);

} // namespace fa::reporting
