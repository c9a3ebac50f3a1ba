#include "harness/byte_size.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace fa::harness {

std::string human_bytes(std::uint64_t bytes)
{
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit)
        value /= 1024;
    return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

std::uint64_t bytes_from(const std::string& text)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    constexpr std::string_view units = "KMGT";
    double factor = 1;
    if (!unit.empty() && units.find(unit.front()) != std::string_view::npos) {
        factor = std::pow(1024.0, static_cast<double>(units.find(unit.front()) + 1));
        unit.remove_prefix(1);
        if (unit == "iB" || unit == "B")
            unit = {};
    }
    const double bytes = number * factor;
    if (error != std::errc() || !unit.empty() || !(bytes >= 1 && bytes <= 0x1p60))
        throw std::invalid_argument("'" + text +
                                    "' is no size: a number of bytes is needed, or one with K, M, G or T");
    return static_cast<std::uint64_t>(bytes);
}

} // namespace fa::harness
