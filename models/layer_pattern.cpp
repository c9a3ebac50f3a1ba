#include "models/layer_pattern.hpp"

#include "jobs/layer_place.hpp"
#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"

#include <charconv>

namespace fa::models {
namespace {

/// A name is data: it can't make us list a billion layers.
constexpr std::int64_t deepest = 100'000;

/// The number a text is, written in the one way that numbers are (no "01").
std::optional<std::int64_t> number_of(std::string_view text)
{
    std::int64_t number = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || number < 0 || number > deepest || text != std::to_string(number))
        return std::nullopt;
    return number;
}

std::optional<std::int64_t> number_between(std::string_view name, std::string_view prefix,
                                           std::string_view suffix)
{
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix))
        return std::nullopt;
    return number_of(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
}

bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

std::optional<std::map<std::string, std::int64_t>>
layers_between(std::span<const std::string> names, std::string_view prefix, std::string_view suffix)
{
    std::map<std::string, std::int64_t> layers;
    for (const auto& name : names) {
        const auto number = number_between(name, prefix, suffix);
        if (!number)
            return std::nullopt;
        layers[name] = *number;
    }
    return layers;
}

} // namespace

LayerPattern::LayerPattern(const std::string& text)
{
    const auto place = jobs::layer_place(text);
    if (!place)
        throw CheckpointError("the pattern " + shown(text) +
                              " needs one place for the layer, as in blocks.{l}.B (or {l-1}, {l+1}, {2l} "
                              "where they count otherwise)");
    prefix_ = text.substr(0, place->begin);
    suffix_ = text.substr(place->end);
    step_ = place->step;
    shift_ = place->shift;
}

std::optional<std::int64_t> LayerPattern::layer_of(std::string_view name) const
{
    const auto number = number_between(name, prefix_, suffix_);
    if (!number || (*number - shift_) % step_ != 0)
        return std::nullopt;
    return (*number - shift_) / step_;
}

bool LayerPattern::is_one(std::string_view text)
{
    for (auto brace = text.find('{'); brace != std::string_view::npos; brace = text.find('{', brace + 1)) {
        const auto behind = text.find_first_not_of("0123456789", brace + 1);
        if (behind != std::string_view::npos && text[behind] == 'l')
            return true;
    }
    return false;
}

std::string LayerPattern::name_of(std::int64_t layer) const
{
    return prefix_ + std::to_string(step_ * layer + shift_) + suffix_;
}

std::optional<std::map<std::string, std::int64_t>> layers_of_names(std::span<const std::string> names)
{
    if (names.empty())
        return std::nullopt;
    const std::string_view first = names.front();
    for (std::size_t end = first.size(); end > 0; --end) {
        if (!is_digit(first[end - 1]) || (end < first.size() && is_digit(first[end])))
            continue;
        auto begin = end - 1;
        while (begin > 0 && is_digit(first[begin - 1]))
            --begin;
        if (auto layers = layers_between(names, first.substr(0, begin), first.substr(end)))
            return layers;
    }
    return std::nullopt;
}

} // namespace fa::models
