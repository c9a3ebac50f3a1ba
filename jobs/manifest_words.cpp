#include "jobs/manifest_words.hpp"

#include <algorithm>
#include <cstddef>

namespace fa::jobs {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool is_control(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7f;
}

/// Length of the UTF-8 sequence at the start of `text`; 0 if it is none (overlong forms and surrogates
/// included).
std::size_t sequence_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return 0;
        }
    }
    const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
    const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

/// Reads one word from `position`, which is left behind it.
/// @returns an error, or an empty string
std::string read_word(std::string_view line, std::size_t& position, Word& word)
{
    while (position < line.size() && !is_blank(line[position])) {
        const char c = line[position];
        std::string& part = word.has_value ? word.value : word.key;
        if (c == '\'' || c == '"') {
            const std::size_t end = line.find(c, position + 1);
            if (end == std::string_view::npos) {
                const std::string column = std::to_string(position + 1);
                position = line.size();
                return "unterminated quote: the " + std::string(1, c) + " in column " + column +
                       " needs a second one in the same line";
            }
            part += line.substr(position + 1, end - position - 1);
            position = end + 1;
        } else if (c == '=' && !word.has_value) {
            word.has_value = true;
            ++position;
        } else {
            part += c;
            ++position;
        }
    }
    return {};
}

} // namespace

Words split_line(std::string_view line)
{
    Words result;
    std::size_t position = 0;
    for (;;) {
        while (position < line.size() && is_blank(line[position])) {
            ++position;
        }
        if (position == line.size() || line[position] == '#') {
            return result;
        }
        Word word;
        if (std::string error = read_word(line, position, word); !error.empty()) {
            result.errors.push_back(std::move(error));
        } else {
            result.words.push_back(std::move(word));
        }
    }
}

std::string text_error(std::string_view line)
{
    for (std::size_t i = 0; i < line.size();) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const bool control = is_control(byte) && line[i] != '\t';
        const std::size_t length = control ? 0 : sequence_length(line.substr(i));
        if (length == 0) {
            return (control ? "control character " : "byte ") + std::to_string(byte) + " in column " +
                   std::to_string(i + 1) + (control ? "" : " is no UTF-8") +
                   ": a manifest is plain text in UTF-8";
        }
        i += length;
    }
    return {};
}

std::string shown(std::string_view text)
{
    constexpr std::size_t longest = 160;
    std::string result(text.substr(0, longest));
    if (text.size() > longest) {
        while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0xc0) == 0x80) {
            result.pop_back();
        }
        if (!result.empty() && static_cast<unsigned char>(result.back()) >= 0xc0) {
            result.pop_back();
        }
        result += "…";
    }
    std::replace_if(
        result.begin(), result.end(), [](char c) { return is_control(static_cast<unsigned char>(c)); }, '?');
    return result;
}

std::string in_quotes(std::string_view text)
{
    std::string result = "'";
    result += shown(text);
    return result += "'";
}

} // namespace fa::jobs
