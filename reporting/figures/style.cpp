#include "reporting/figures/style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fa::reporting {
namespace {

std::vector<double> all_of(std::span<const double> values, std::initializer_list<double> also)
{
    std::vector<double> all(values.begin(), values.end());
    all.insert(all.end(), also);
    return all;
}

} // namespace

std::string preamble()
{
    return fmt::format("set encoding utf8\n"
                       "set datafile separator comma\n"
                       "set border 3 linecolor '{0}' linewidth 0.75\n"
                       "set tics nomirror out scale 0.5 textcolor '#000000'\n"
                       "set key tmargin left horizontal Left reverse samplen 1 width 1 font small\n"
                       "set style fill solid 1 noborder\n"
                       "set bars 0\n",
                       colour::line);
}

std::string linear_range(std::span<const double> values, std::initializer_list<double> also)
{
    auto all = all_of(values, also);
    std::erase_if(all, [](double value) { return !std::isfinite(value); });
    if (all.empty()) {
        return "[-1:1]";
    }
    const auto [low, high] = std::minmax_element(all.begin(), all.end());
    const double room = *high > *low ? 0.06 * (*high - *low) : 0.01;
    return fmt::format("[{:.6g}:{:.6g}]", *low - room, *high + room);
}

Decades decades(std::span<const double> values, std::initializer_list<double> also)
{
    auto all = all_of(values, also);
    std::erase_if(all, [](double value) { return !std::isfinite(value) || value <= 0; });
    if (all.empty()) {
        return {};
    }
    const auto [low, high] = std::minmax_element(all.begin(), all.end());
    return {static_cast<int>(std::floor(std::log10(*low) - 0.1)),
            static_cast<int>(std::ceil(std::log10(*high) + 0.1))};
}

std::string Decades::text() const
{
    return fmt::format("[1e{}:1e{}]", low, high);
}

std::string Decades::tics() const
{
    return fmt::format("set ytics 1e{}\n", std::max(1, (high - low + 4) / 5));
}

std::string warning_title(const std::string& text)
{
    return text.empty() ? text
                        : fmt::format("set title '{}' offset 0,-0.6 textcolor '{}' noenhanced\n", text,
                                      colour::warning);
}

std::string whole_tics(std::size_t first, std::size_t last)
{
    const auto step = std::max<std::size_t>(1, (last - first + 11) / 12);
    return fmt::format("set xtics {},{}\n", first, step);
}

} // namespace fa::reporting
