#include "command_line/program.hpp"

#include <sstream>
#include <stdexcept>
#include <string_view>

namespace fa::command_line {

namespace po = boost::program_options;

std::string title_of(const po::options_description& group)
{
    std::ostringstream text;
    text << group;
    const auto printed = text.str();
    const auto line = printed.substr(0, printed.find('\n'));
    return line.ends_with(':') ? line.substr(0, line.size() - 1) : "";
}

Value value_of(const po::option_description& option, const Program& program)
{
    const auto shown = option.format_parameter();
    const auto name = shown.substr(0, shown.find(' '));
    if (name.empty()) {
        return Value::none;
    }
    if (program.words.contains(option.long_name())) {
        return Value::words;
    }
    return name == "FILE" || name == "PATH"    ? Value::file
           : name == "DIR" || name == "FOLDER" ? Value::folder
                                               : Value::other;
}

std::optional<std::string> help_as(const Program& program, const std::string& version,
                                   std::span<const char* const> arguments)
{
    if (arguments.empty() || std::string_view(arguments.front()) != "--help-as") {
        return std::nullopt;
    }
    const std::string form = arguments.size() == 2 ? arguments[1] : "";
    if (form == "man") {
        return man_page(program, version);
    }
    if (form == "bash") {
        return bash_completion(program);
    }
    if (form == "zsh") {
        return zsh_completion(program);
    }
    throw std::invalid_argument("--help-as is followed by man, bash or zsh, and nothing else");
}

} // namespace fa::command_line
