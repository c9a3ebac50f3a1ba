#pragma once
/// How all figures look: Okabe and Ito's colours (Color Universal Design, 2008), which the colour-blind can
/// tell apart; whatever a colour says, a mark or a dash says as well, for print in grey.

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace fa::reporting {

/// Of the text at the figure's own size.
inline constexpr int point_size = 8;
/// The smallest, for `font small` in scripts (SVG counts in pixels, PDF in points).
inline constexpr int small_point_size = 7;

namespace colour {
inline constexpr const char* trained = "#d55e00"; ///< vermillion
inline constexpr const char* other = "#0072b2";   ///< blue
inline constexpr const char* limit = "#000000";   ///< thresholds, dashed
inline constexpr const char* range = "#d9d9d9";   ///< 95 % of the draws
inline constexpr const char* half = "#969696";    ///< the middle half of them
inline constexpr const char* line = "#444444";
inline constexpr const char* warning = "#a33b00";
} // namespace colour

/// Borders, tics, key: before every plot.
std::string preamble();

/// "[low:high]" with some room at both ends, around whatever is finite and the numbers of `also`; [-1:1]
/// where nothing is.
std::string linear_range(std::span<const double> values, std::initializer_list<double> also = {});
/// Whole powers of ten.
struct Decades {
    int low = -1, high = 1;

    std::string text() const; ///< "[1e-1:1e1]"
    std::string tics() const; ///< "set ytics …", at most about five of them
};
/// Those around what is finite and positive; 0.1 to 10 where nothing is.
Decades decades(std::span<const double> values, std::initializer_list<double> also = {});

/// "set title" with a warning; empty for an empty text.
/// @param text  no quotes in it
std::string warning_title(const std::string& text);

/// Tics at whole numbers from `first` to `last`, at most about twelve of them.
std::string whole_tics(std::size_t first, std::size_t last);

} // namespace fa::reporting
