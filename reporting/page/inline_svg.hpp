#pragma once
#include <string>
#include <string_view>

namespace fa::reporting {

/// What gnuplot's SVG terminal wrote, to stand inside a page: without prolog, titles and fonts, its names
/// made unique by a prefix, described by `label` for those who don't see it.
std::string inline_svg(std::string_view svg, std::string_view prefix, std::string_view label);

} // namespace fa::reporting
