#include "jobs/layer_place.hpp"

#include <algorithm>

namespace fa::jobs {
namespace {

constexpr std::size_t most_digits = 2; // more would be no network's

/// The number that up to two digits at the text's beginning are; takes them away.
std::optional<std::int64_t> take_number(std::string_view& text)
{
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > most_digits) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    for (const char digit : text.substr(0, digits)) {
        number = 10 * number + (digit - '0');
    }
    text.remove_prefix(digits);
    return number;
}

/// The place that begins at text[begin], a brace.
std::optional<LayerPlace> place_at(std::string_view text, std::size_t begin)
{
    LayerPlace place{begin, 0, 1, 0};
    auto rest = text.substr(begin + 1);
    if (!rest.starts_with('l')) {
        const auto step = rest.starts_with('0') ? std::nullopt : take_number(rest);
        if (!step || !rest.starts_with('l')) {
            return std::nullopt;
        }
        place.step = *step;
    }
    rest.remove_prefix(1);
    if (rest.starts_with('+') || rest.starts_with('-')) {
        const std::int64_t sign = rest.front() == '-' ? -1 : 1;
        rest.remove_prefix(1);
        const auto shift = take_number(rest);
        if (!shift) {
            return std::nullopt;
        }
        place.shift = sign * *shift;
    }
    if (!rest.starts_with('}')) {
        return std::nullopt;
    }
    place.end = text.size() - rest.size() + 1;
    return place;
}

} // namespace

std::optional<LayerPlace> layer_place(std::string_view text)
{
    std::optional<LayerPlace> found;
    for (auto brace = text.find('{'); brace != std::string_view::npos; brace = text.find('{', brace + 1)) {
        if (const auto place = place_at(text, brace)) {
            if (found) {
                return std::nullopt;
            }
            found = place;
        }
    }
    return found;
}

} // namespace fa::jobs
