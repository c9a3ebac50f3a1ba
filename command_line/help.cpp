#include "command_line/program.hpp"

#include <sstream>
#include <string_view>

namespace fa::command_line {
namespace {

/// As wide as the options' descriptions.
constexpr std::size_t columns = 110;

/// Words of a text in lines of at most `columns` bytes.
std::string wrapped(const std::string& text)
{
    std::istringstream words(text);
    std::string lines;
    std::size_t length = 0;
    for (std::string word; words >> word;) {
        const bool breaks = length > 0 && length + 1 + word.size() > columns;
        lines += length == 0 ? "" : breaks ? "\n" : " ";
        length = (length == 0 || breaks ? 0 : length + 1) + word.size();
        lines += word;
    }
    return lines + '\n';
}

} // namespace

std::string help(const Program& program)
{
    std::ostringstream text;
    for (std::size_t i = 0; i < program.usage.size(); ++i) {
        text << (i == 0 ? "usage: " : "       ") << program.usage[i] << '\n';
    }
    for (const auto& paragraph : program.description) {
        text << '\n' << wrapped(paragraph);
    }
    for (const auto& group : program.groups) {
        text << '\n' << group;
    }
    std::string codes = "Exit codes:";
    for (std::size_t i = 0; i < program.exit_codes.size(); ++i) {
        const auto& [code, meaning] = program.exit_codes[i];
        codes += (i == 0 ? " " : ", ") + std::to_string(code) + " " + meaning;
    }
    text << '\n' << wrapped(codes + ".");
    return text.str();
}

} // namespace fa::command_line
