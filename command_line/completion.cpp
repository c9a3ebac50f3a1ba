#include "command_line/program.hpp"

#include <algorithm>
#include <string_view>

namespace fa::command_line {
namespace {

namespace po = boost::program_options;

std::string joined(const std::vector<std::string>& words, std::string_view separator)
{
    std::string text;
    for (const auto& word : words) {
        text.append(text.empty() ? "" : separator).append(word);
    }
    return text;
}

std::vector<const po::option_description*> options_of(const Program& program)
{
    std::vector<const po::option_description*> options;
    for (const auto& group : program.groups) {
        for (const auto& option : group.options()) {
            options.push_back(option.get());
        }
    }
    return options;
}

/// A name as shell functions can have it.
std::string function_name(const Program& program)
{
    auto name = "_" + program.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

/// Does the program take a folder without an option?
bool takes_folder(const Program& program)
{
    return std::ranges::any_of(program.usage,
                               [](const auto& line) { return line.find(" DIR ") != line.npos; });
}

/// What zsh's _arguments would take for its own syntax.
std::string zsh_text(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
            continue;
        }
        if (c == '[' || c == ']' || c == ':' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

std::string zsh_value(const po::option_description& option, const Program& program)
{
    const auto shown = option.format_parameter();
    const auto name = ":" + zsh_text(shown.substr(0, shown.find(' '))) + ":";
    switch (value_of(option, program)) {
    case Value::none:
        return "";
    case Value::file:
        return name + "_files";
    case Value::folder:
        return name + "_files -/";
    case Value::words:
        return name + "(" + joined(program.words.at(option.long_name()), " ") + ")";
    case Value::other:
        break;
    }
    return name;
}

} // namespace

std::string bash_completion(const Program& program)
{
    std::vector<std::string> names, files, folders, others;
    std::string cases;
    for (const auto* option : options_of(program)) {
        const auto name = "--" + option->long_name();
        names.push_back(name);
        switch (value_of(*option, program)) {
        case Value::none:
            break;
        case Value::file:
            files.push_back(name);
            break;
        case Value::folder:
            folders.push_back(name);
            break;
        case Value::words:
            cases += "        " + name + ") mapfile -t COMPREPLY < <(compgen -W '" +
                     joined(program.words.at(option->long_name()), " ") + "' -- \"$current\") ;;\n";
            break;
        case Value::other:
            others.push_back(name);
        }
    }
    const auto add_case = [&](const std::vector<std::string>& options, const std::string& action) {
        cases += options.empty() ? "" : "        " + joined(options, " | ") + ") " + action + " ;;\n";
    };
    const std::string as_files =
        "compopt -o filenames 2>/dev/null || true; mapfile -t COMPREPLY < <(compgen -";
    add_case(files, as_files + "f -- \"$current\")");
    add_case(folders, as_files + "d -- \"$current\")");
    add_case(others, "COMPREPLY=()");
    const auto function = function_name(program);
    std::string otherwise = "            COMPREPLY=()\n";
    if (takes_folder(program)) {
        otherwise = "            " + as_files + "d -- \"$current\")\n";
        if (!program.commands.empty()) {
            otherwise += "            if ((COMP_CWORD == 1)); then\n"
                         "                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W '" +
                         joined(program.commands, " ") + "' -- \"$current\")\n            fi\n";
        }
    }
    return "# bash completion of " + program.name + ", made by `" + program.name + " --help-as bash`\n" +
           function +
           "() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} option=\n"
           "    ((COMP_CWORD < 1)) || option=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    # bash makes --option=value three words.\n"
           "    if [[ $current == = ]]; then\n"
           "        current=\n"
           "    elif [[ $option == = ]] && ((COMP_CWORD > 1)); then\n"
           "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
           "    fi\n"
           "    case $option in\n" +
           cases +
           "        *)\n"
           "        if [[ $current == -* ]]; then\n"
           "            mapfile -t COMPREPLY < <(compgen -W '" +
           joined(names, " ") +
           "' -- \"$current\")\n"
           "        else\n" +
           otherwise +
           "        fi ;;\n"
           "    esac\n"
           "}\n"
           "complete -F " +
           function + " " + program.name + "\n";
}

std::string zsh_completion(const Program& program)
{
    std::string text =
        "#compdef " + program.name + "\n# made by `" + program.name + " --help-as zsh`\n_arguments \\\n";
    for (const auto* option : options_of(program)) {
        const bool takes_value = value_of(*option, program) != Value::none;
        text += "    '*--" + option->long_name() + (takes_value ? "=" : "") + "[" +
                zsh_text(option->description()) + "]" + zsh_value(*option, program) + "' \\\n";
    }
    return text + (takes_folder(program) ? "    '*:folder:_files -/'\n" : "    '*: :'\n");
}

} // namespace fa::command_line
