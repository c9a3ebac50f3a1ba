#pragma once
/// The values of a manifest's keys. Every function throws std::invalid_argument with what would be right; the
/// caller adds file and line.

#include "jobs/manifest.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fa::jobs {

/// A whole number between `lowest` and `highest`, decimal, nothing around it.
std::int64_t whole_number(std::string_view key, const std::string& value, std::int64_t lowest,
                          std::int64_t highest);
/// A seed: 0 … 2⁶⁴ − 1. Its digits begin behind `prefix` characters ("seed:" of "seed:7").
std::uint64_t seed_number(std::string_view key, const std::string& value, std::size_t prefix = 0);
/// The number a text is, if it is one and nothing else; finite.
std::optional<double> number(const std::string& value);
/// A finite number above 0.
double positive_number(std::string_view key, const std::string& value);
/// Finite numbers between commas.
std::vector<double> numbers(std::string_view key, const std::string& value);
/// A fraction in [0, 1].
double fraction(std::string_view key, const std::string& value);
/// true or false (also yes/no, 1/0).
bool flag(std::string_view key, const std::string& value);

/// One of `known`.
std::string_view choice(std::string_view key, const std::string& value,
                        std::span<const std::string_view> known);

/// A file, resolved against the manifest's folder; with Paths::must_exist a readable regular one.
/// @param otherwise  said after "no such file", e.g. what else the key takes
std::filesystem::path existing_file(std::string_view key, const std::string& value,
                                    const std::filesystem::path& folder, Paths paths,
                                    std::string_view otherwise = {});

/// The same; with Paths::must_exist it may also be a folder.
std::filesystem::path existing_file_or_folder(std::string_view key, const std::string& value,
                                              const std::filesystem::path& folder, Paths paths);

/// A file, and what of it is meant: "file.pt:model". The part follows the last ':' and has no '/'; where the
/// value as written is a file that exists, it is that file, whole.
struct FilePart {
    std::filesystem::path path;
    std::string part; ///< empty: the whole file
};
FilePart existing_file_part(std::string_view key, const std::string& value,
                            const std::filesystem::path& folder, Paths paths,
                            std::string_view otherwise = {});

/// A run's name becomes the file runs/<name>.h5, a link in audit.h5 and a value of frozen=.
std::string run_name(std::string_view key, const std::string& value);

} // namespace fa::jobs
