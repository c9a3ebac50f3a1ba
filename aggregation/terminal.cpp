/// Tables on a terminal: aligned by display width, coloured only if asked.
#include "aggregation/table.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

namespace fa::aggregation {
namespace {

constexpr char32_t invalid = 0xFFFFFFFF;

/// Decodes the character at `place` and moves past it; one byte that starts no valid character gives
/// `invalid`.
char32_t next_character(std::string_view text, std::size_t& place)
{
    const auto lead = static_cast<unsigned char>(text[place++]);
    if (lead < 0x80) {
        return lead;
    }
    const std::size_t following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || place + following > text.size()) {
        return invalid;
    }
    char32_t character = lead & (0x3FU >> following);
    for (std::size_t i = 0; i < following; ++i) {
        const auto byte = static_cast<unsigned char>(text[place + i]);
        if ((byte & 0xC0U) != 0x80U) {
            return invalid;
        }
        character = (character << 6U) | (byte & 0x3FU);
    }
    constexpr std::array<char32_t, 4> smallest{0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < smallest[following] || character > 0x10FFFF || surrogate) {
        return invalid;
    }
    place += following;
    return character;
}

template <std::size_t size>
bool within(char32_t character, const std::array<std::pair<char32_t, char32_t>, size>& ranges)
{
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
        return range.first <= character && character <= range.second;
    });
}

/// C0 and C1 controls, and the marks that turn the direction of writing.
bool drives_a_terminal(char32_t character)
{
    constexpr std::array<std::pair<char32_t, char32_t>, 4> ranges{
        {{0x00, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x2069}}};
    return character == invalid || within(character, ranges);
}

std::size_t width_of(char32_t character)
{
    constexpr std::array<std::pair<char32_t, char32_t>, 5> combining{
        {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
    constexpr std::array<std::pair<char32_t, char32_t>, 9> wide{{{0x1100, 0x115F},
                                                                 {0x2E80, 0xA4CF},
                                                                 {0xAC00, 0xD7A3},
                                                                 {0xF900, 0xFAFF},
                                                                 {0xFE30, 0xFE6F},
                                                                 {0xFF00, 0xFF60},
                                                                 {0xFFE0, 0xFFE6},
                                                                 {0x1F300, 0x1FAFF},
                                                                 {0x20000, 0x3FFFD}}};
    return within(character, combining) ? 0 : within(character, wide) ? 2 : 1;
}

const char* colour_of(Tone tone)
{
    switch (tone) {
    case Tone::good:
        return "\x1b[32m";
    case Tone::bad:
        return "\x1b[31m";
    case Tone::faint:
        return "\x1b[2m";
    case Tone::plain:
        break;
    }
    return "";
}

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
               const Table& table, std::ostream& terminal)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string padding(widths[i] - display_width(cells[i]), ' ');
        const bool left = table.columns[i].kind == Kind::words;
        line += (i == 0 ? "" : "  ") + (left ? cells[i] + padding : padding + cells[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    terminal << line;
}

} // namespace

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t place = 0; place < text.size();) {
        const auto character = next_character(text, place);
        width += drives_a_terminal(character) ? 1 : width_of(character);
    }
    return width;
}

std::string printable(std::string_view text)
{
    std::string result;
    for (std::size_t place = 0; place < text.size();) {
        const auto begin = place;
        const bool bad = drives_a_terminal(next_character(text, place));
        result += bad ? std::string_view("?") : text.substr(begin, place - begin);
    }
    return result;
}

void to_terminal(const Table& table, bool colour, std::ostream& terminal)
{
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& column : table.columns) {
        lines.front().push_back(printable(column.title));
    }
    for (const auto& row : table.rows) {
        auto& line = lines.emplace_back();
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            line.push_back(printable(readable(row.cells[i], table.columns[i])));
        }
    }
    std::vector<std::size_t> widths(table.columns.size(), 0);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(line[i]));
        }
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string start = !colour ? "" : i == 0 ? "\x1b[1m" : colour_of(table.rows[i - 1].tone);
        terminal << start;
        print_row(lines[i], widths, table, terminal);
        terminal << (start.empty() ? "" : "\x1b[0m") << '\n';
    }
}

} // namespace fa::aggregation
