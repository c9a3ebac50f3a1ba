#pragma once
/// A program as its user meets it: the one source of --help, the manual page and the shells' completion.

#include <boost/program_options/options_description.hpp>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fa::command_line {

struct Program {
    std::string name;                     ///< "fa-report"
    std::string purpose;                  ///< "what …", one line without a full stop
    std::vector<std::string> usage;       ///< command lines
    std::vector<std::string> description; ///< paragraphs
    std::vector<boost::program_options::options_description> groups; ///< of options, as --help shows them
    std::vector<std::pair<int, std::string>> exit_codes;
    std::map<std::string, std::vector<std::string>>
        words;                         ///< what an option's value can be, where that is a few words
    std::vector<std::string> commands; ///< first arguments that are no folder
    std::vector<std::string> see_also; ///< manual pages: "fa-train(1)"
};

/// The title of a group, which Boost keeps to itself.
std::string title_of(const boost::program_options::options_description& group);

/// What an option's value is, by its name in --help.
enum class Value { none, file, folder, words, other };
Value value_of(const boost::program_options::option_description& option, const Program& program);

/// The text of --help.
std::string help(const Program& program);
/// Its manual page, section 1, in roff's man macros, ASCII.
std::string man_page(const Program& program, const std::string& version);
/// A completion script to be sourced by bash, or put where bash-completion looks for it.
std::string bash_completion(const Program& program);
/// A `#compdef` function for zsh's fpath.
std::string zsh_completion(const Program& program);

/// `--help-as man|bash|zsh` as the only arguments: that text. The build makes the installed files with it.
/// @param arguments  without the program's name
/// @throws std::invalid_argument for another form
std::optional<std::string> help_as(const Program& program, const std::string& version,
                                   std::span<const char* const> arguments);

} // namespace fa::command_line
