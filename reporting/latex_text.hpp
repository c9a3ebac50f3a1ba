#pragma once
/// Any text as LaTeX that compiles with pdfLaTeX and Computer Modern, without further packages.

#include <string>
#include <string_view>

namespace fa::reporting {

/// Escapes what LaTeX reads as a command, sets Greek letters and symbols as mathematics, lets accented Latin
/// letters stand, and writes any other character as its number, "[U+4E2D]". Control characters and invalid
/// UTF-8 are "?".
/// @param text  UTF-8
std::string latex(std::string_view text);

/// The same, with a place to break a line behind punctuation and in long words: for names in narrow columns.
std::string breakable_latex(std::string_view text);

/// The same for sentences of ours: h_l, ‖g_L‖ and the like are mathematics there.
std::string latex_prose(std::string_view text);

} // namespace fa::reporting
