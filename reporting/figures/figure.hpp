#pragma once
/// A figure: its data as CSV, and the gnuplot commands that draw it from them.

#include <filesystem>
#include <stdexcept>
#include <string>

namespace fa::reporting {

struct Figure {
    std::string kind;         ///< "gamma", "specification", "norms", "directions" or "variance"
    std::string subject;      ///< the run's or group's name
    std::string caption = {}; ///< plain text: what is drawn, and of what
    std::string csv = {};     ///< what is drawn, with a header line
    std::string plot = {};    ///< gnuplot: reads the CSV by the name in its variable `data`; ranges are in it
    double width = 8.6;       ///< cm, of print
    double height = 6.0;      ///< cm
};

/// `page`: an SVG that takes the width it is given; `svg` and `pdf`: of the figure's own size.
enum class FigureFormat { page, svg, pdf };

/// @throws std::invalid_argument for another word than svg or pdf
FigureFormat figure_format(const std::string& word);
/// "svg" or "pdf"
std::string extension_of(FigureFormat format);

struct GnuplotError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The picture, drawn by gnuplot in a process of its own, which reads and writes no file.
/// @throws GnuplotError if gnuplot isn't installed or refuses the script
std::string draw(const Figure& figure, FigureFormat format);

/// What draws the figure from the CSV beside it: for `gnuplot NAME.gp`, by hand.
/// @param name  of the three files, without extensions: no quotes in it
std::string script_of(const Figure& figure, FigureFormat format, const std::string& name);

} // namespace fa::reporting
