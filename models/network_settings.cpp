#include "models/network_settings.hpp"

#include "models/shown.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace fa::models {
namespace {

template <typename Number>
std::optional<Number> number_in(const std::string& text)
{
    Number number{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = problem == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? std::optional(number) : std::nullopt;
}

} // namespace

void NetworkSettings::expect_only(const std::string& network, std::span<const std::string_view> known) const
{
    for (const auto& [key, value] : keys_)
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw CheckpointError("the manifest's key " + shown(key) + " means nothing to model=" + network +
                                  (known.empty() ? " (it takes none)" : " (it takes " + listed(known) + ")"));
}

std::optional<std::string> NetworkSettings::text(const std::string& key) const
{
    if (const auto given = keys_.find(key); given != keys_.end())
        return given->second;
    const auto recorded = metadata_.find(key);
    return recorded == metadata_.end() ? std::nullopt : std::optional(recorded->second);
}

void NetworkSettings::refuse(const std::string& key, const std::string& expected) const
{
    const auto value = shown(text(key).value_or(""));
    throw CheckpointError(
        (keys_.contains(key) ? "the manifest's " + key + "=" + value : "metadata " + key + " is " + value) +
        " where " + expected + " was expected");
}

std::optional<std::string> NetworkSettings::choice(const std::string& key,
                                                   std::span<const std::string_view> words) const
{
    auto word = text(key);
    if (word && std::find(words.begin(), words.end(), *word) == words.end())
        refuse(key, listed(words));
    return word;
}

std::optional<std::int64_t> NetworkSettings::count(const std::string& key) const
{
    const auto given = text(key);
    if (!given)
        return std::nullopt;
    const auto number = number_in<std::int64_t>(*given);
    if (!number || *number < 1)
        refuse(key, "a whole number above 0");
    return number;
}

double NetworkSettings::positive(const std::string& key, double otherwise) const
{
    const auto given = text(key);
    if (!given)
        return otherwise;
    const auto number = number_in<double>(*given);
    if (!number || !(*number > 0) || !std::isfinite(*number))
        refuse(key, "a number above 0");
    return *number;
}

std::string listed(std::span<const std::string_view> words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

} // namespace fa::models
