#pragma once
/// fa-train's command line.

#include "training/recipe.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace fa::training {

/// Everything that is wrong with the command line or the zoo file; nothing was trained.
struct UsageError : std::runtime_error {
    explicit UsageError(std::vector<std::string> messages);
    std::vector<std::string> messages;
};

/// A run and the file it ends in.
struct Job {
    Recipe recipe;
    std::filesystem::path output;
};

struct Options {
    enum class Wish { train, help, version };
    Wish wish = Wish::train;
    std::vector<Job> jobs;
    int threads = 1;
};

/// Reads the command line (without the program's name), the --config and --zoo files that it names, and looks
/// whether the data files exist. `_` and `-` are the same in option names.
/// @throws UsageError
Options read_options(std::span<const char* const> arguments);

/// The text of --help.
std::string help_text();
/// `--help-as man|bash|zsh`: the same options as a manual page or a shell's completion; nothing for other
/// arguments.
/// @throws std::invalid_argument for another form
std::optional<std::string> help_as(std::span<const char* const> arguments);

} // namespace fa::training
