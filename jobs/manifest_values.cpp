#include "jobs/manifest_values.hpp"

#include "jobs/manifest_words.hpp"
#include "jobs/nearest.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <unistd.h>

namespace fa::jobs {

namespace {

/// "draws=-3: a whole number from 0 to 10 is needed"
[[noreturn]] void refuse(std::string_view key, const std::string& value, const std::string& reason)
{
    throw std::invalid_argument(shown(std::string(key) + "=" + value) + ": " + reason);
}

template <typename T>
std::optional<T> parsed(const std::string& value)
{
    T result{};
    const char* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, result);
    return error == std::errc{} && rest == end && !value.empty() ? std::optional(result) : std::nullopt;
}

std::string listed(std::span<const std::string_view> words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += i == 0 ? "" : i + 1 == words.size() ? " and " : ", ";
        text += words[i];
    }
    return text;
}

} // namespace

std::int64_t whole_number(std::string_view key, const std::string& value, std::int64_t lowest,
                          std::int64_t highest)
{
    const auto result = parsed<std::int64_t>(value);
    if (!result || *result < lowest || *result > highest) {
        refuse(key, value,
               "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest) +
                   " is needed");
    }
    return *result;
}

std::uint64_t seed_number(std::string_view key, const std::string& value, std::size_t prefix)
{
    const auto result = parsed<std::uint64_t>(value.substr(prefix));
    if (!result) {
        refuse(key, value, "a seed is a whole number from 0 to 18446744073709551615");
    }
    return *result;
}

std::optional<double> number(const std::string& value)
{
    const auto result = parsed<double>(value);
    return result && std::isfinite(*result) ? result : std::nullopt;
}

double positive_number(std::string_view key, const std::string& value)
{
    const auto result = number(value);
    if (!result || !(*result > 0.0)) {
        refuse(key, value, "a number above 0 is needed, e.g. 0.1");
    }
    return *result;
}

std::vector<double> numbers(std::string_view key, const std::string& value)
{
    std::vector<double> list;
    for (std::size_t begin = 0; begin <= value.size();) {
        const std::size_t end = std::min(value.find(',', begin), value.size());
        const auto one = number(value.substr(begin, end - begin));
        if (!one) {
            refuse(key, value, "numbers between commas are needed, e.g. 0.49,0.48,0.45");
        }
        list.push_back(*one);
        begin = end + 1;
    }
    return list;
}

double fraction(std::string_view key, const std::string& value)
{
    const auto result = number(value);
    if (!result || !(*result >= 0.0 && *result <= 1.0)) {
        refuse(key, value, "an accuracy is a fraction between 0 and 1, e.g. 0.308");
    }
    return *result;
}

bool flag(std::string_view key, const std::string& value)
{
    if (value == "true" || value == "yes" || value == "1") {
        return true;
    }
    if (value == "false" || value == "no" || value == "0") {
        return false;
    }
    refuse(key, value, "true or false is needed");
}

std::string_view choice(std::string_view key, const std::string& value,
                        std::span<const std::string_view> known)
{
    const auto found = std::find(known.begin(), known.end(), value);
    if (found != known.end()) {
        return *found;
    }
    const auto meant = nearest(value, known);
    refuse(key, value, meant ? "did you mean " + in_quotes(*meant) + "?" : "known are " + listed(known));
}

namespace {

/// @param kind  what it may be beside a regular file
std::filesystem::path existing_path(std::string_view key, const std::string& value,
                                    const std::filesystem::path& folder, Paths paths,
                                    std::string_view otherwise, std::filesystem::file_type kind)
{
    if (value.empty()) {
        refuse(key, value, "a file is needed");
    }
    // An absolute value replaces the folder; that is how operator/ joins.
    const std::filesystem::path path = (folder / value).lexically_normal();
    if (paths == Paths::unchecked) {
        return path;
    }
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    const std::string where = in_quotes(path.string());
    if (status.type() == std::filesystem::file_type::not_found) {
        refuse(key, value,
               "no such file: " + where + (otherwise.empty() ? "" : "; " + std::string(otherwise)));
    }
    if (error) {
        refuse(key, value, where + ": " + error.message());
    }
    if (status.type() != std::filesystem::file_type::regular && status.type() != kind) {
        refuse(key, value, where + " is no regular file");
    }
    if (::access(path.c_str(), R_OK) != 0) {
        refuse(key, value, where + " may not be read by this user");
    }
    return path;
}

} // namespace

std::filesystem::path existing_file(std::string_view key, const std::string& value,
                                    const std::filesystem::path& folder, Paths paths,
                                    std::string_view otherwise)
{
    return existing_path(key, value, folder, paths, otherwise, std::filesystem::file_type::regular);
}

std::filesystem::path existing_file_or_folder(std::string_view key, const std::string& value,
                                              const std::filesystem::path& folder, Paths paths)
{
    return existing_path(key, value, folder, paths, {}, std::filesystem::file_type::directory);
}

FilePart existing_file_part(std::string_view key, const std::string& value,
                            const std::filesystem::path& folder, Paths paths, std::string_view otherwise)
{
    std::error_code ignored;
    const auto colon = value.rfind(':');
    const bool has_part = colon != std::string::npos && value.find('/', colon) == std::string::npos;
    if (!has_part || (paths == Paths::must_exist && std::filesystem::exists(folder / value, ignored))) {
        return {existing_file(key, value, folder, paths, otherwise), {}};
    }
    FilePart split{existing_file(key, value.substr(0, colon), folder, paths, otherwise),
                   value.substr(colon + 1)};
    if (split.part.empty()) {
        refuse(key, value, "a part of the file is needed behind the ':', as in file.pt:model");
    }
    return split;
}

std::string run_name(std::string_view key, const std::string& value)
{
    constexpr std::size_t longest = 200; // temporary names add to it; file systems end at 255 bytes
    if (value.empty()) {
        refuse(key, value, "a run needs a name");
    }
    if (value.size() > longest) {
        refuse(key, value, "a name has at most 200 bytes, this one " + std::to_string(value.size()));
    }
    if (value.find('/') != std::string::npos) {
        refuse(key, value, "a name becomes a file's name and can't contain '/'");
    }
    if (value.front() == '.') {
        refuse(key, value, "a name becomes a file's name and can't begin with '.'");
    }
    if (const std::string error = text_error(value);
        !error.empty() || value.find('\t') != std::string::npos) {
        refuse(key, value, "a name can't contain tabs or control characters");
    }
    if (value == "none") {
        refuse(key, value, "frozen=none means that there is no baseline, so no run can be called none");
    }
    return value;
}

} // namespace fa::jobs
