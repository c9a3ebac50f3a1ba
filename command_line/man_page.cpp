#include "command_line/program.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>
#include <string_view>

namespace fa::command_line {
namespace {

/// The character that begins at `place`, which moves behind it. (Our own texts: valid UTF-8.)
unsigned code_point(std::string_view text, std::size_t& place)
{
    const auto first = static_cast<unsigned char>(text[place++]);
    const int more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    unsigned code = more == 0 ? first : first & (0x3FU >> static_cast<unsigned>(more));
    for (int i = 0; i < more && place < text.size(); ++i) {
        code = code << 6U | (static_cast<unsigned char>(text[place++]) & 0x3FU);
    }
    return code;
}

/// What roff would take for an escape, a request, a hyphen or another character set.
std::string escaped(std::string_view text)
{
    std::string result = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (std::size_t i = 0; i < text.size();) {
        const unsigned code = code_point(text, i);
        if (code >= 0x80) {
            char number[16];
            std::snprintf(number, sizeof number, "\\[u%04X]", code);
            result += number;
        } else if (code == '\\') {
            result += "\\e";
        } else if (code == '-') {
            result += "\\-";
        } else {
            result += static_cast<char>(code);
        }
    }
    return result;
}

/// A paragraph of source lines that an editor likes.
std::string filled(const std::string& text)
{
    constexpr std::size_t columns = 76;
    std::istringstream words(text);
    std::string lines, line;
    for (std::string word; words >> word;) {
        auto next = escaped(word);
        if (!line.empty() && line.size() + 1 + next.size() > columns) {
            lines += line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + next;
    }
    return lines + line + "\n";
}

std::string upper(std::string text)
{
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string option_lines(const boost::program_options::option_description& option)
{
    auto names = "\\-\\-" + escaped(option.long_name());
    const auto both = option.format_name(); // "-h [ --help ]", or "--output"
    if (both.size() > 1 && both[1] != '-') {
        names = "\\-" + std::string(1, both[1]) + "\\fR, \\fB" + names;
    }
    const auto value = option.format_parameter();
    const auto name_end = value.find(' ');
    std::string shown = value.empty() ? "" : " \\fI" + escaped(value.substr(0, name_end)) + "\\fR";
    if (name_end != std::string::npos) { // " (=50)"
        shown += " " + escaped(value.substr(name_end + 1));
    }
    return ".TP\n\\fB" + names + "\\fR" + shown + "\n" + filled(option.description());
}

} // namespace

std::string man_page(const Program& program, const std::string& version)
{
    // No date: the page is a function of the sources.
    std::string page =
        ".TH " + upper(program.name) + " 1 \"\" \"fa-harness " + version + "\" \"fa-harness\"\n";
    page +=
        ".SH NAME\n" + escaped(program.name) + " \\- " + escaped(program.purpose) + "\n.SH SYNOPSIS\n.nf\n";
    for (const auto& line : program.usage) {
        page += escaped(line) + "\n";
    }
    page += ".fi\n.SH DESCRIPTION\n";
    for (std::size_t i = 0; i < program.description.size(); ++i) {
        page += (i == 0 ? "" : ".PP\n") + filled(program.description[i]);
    }
    page += ".SH OPTIONS\n";
    for (const auto& group : program.groups) {
        page += ".SS " + escaped(title_of(group)) + "\n";
        for (const auto& option : group.options()) {
            page += option_lines(*option);
        }
    }
    page += ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : program.exit_codes) {
        page += ".TP\n\\fB" + std::to_string(code) + "\\fR\n" + filled(meaning);
    }
    if (!program.see_also.empty()) {
        page += ".SH SEE ALSO\n";
        for (std::size_t i = 0; i < program.see_also.size(); ++i) {
            const auto& page_name = program.see_also[i];
            const auto bracket = page_name.find('(');
            page += ".BR " + escaped(page_name.substr(0, bracket)) + " " + page_name.substr(bracket) +
                    (i + 1 < program.see_also.size() ? ",\n" : "\n");
        }
    }
    return page;
}

} // namespace fa::command_line
