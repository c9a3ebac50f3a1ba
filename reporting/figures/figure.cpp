#include "reporting/figures/figure.hpp"

#include "reporting/figures/gnuplot.hpp"
#include "reporting/figures/style.hpp"

#include <fmt/format.h>

namespace fa::reporting {
namespace {

constexpr double pixels_in_a_cm = 96 / 2.54;
constexpr double pixels_in_a_point = 96.0 / 72;

std::string terminal(const Figure& figure, FigureFormat format)
{
    if (format == FigureFormat::pdf) {
        return fmt::format("set terminal pdfcairo enhanced size {:.2f}cm,{:.2f}cm font 'Helvetica,{}' "
                           "fontscale 1 linewidth 1 background '#ffffff'\nsmall = ',{}'\n",
                           figure.width, figure.height, point_size, small_point_size);
    }
    return fmt::format("set terminal svg enhanced size {:.0f},{:.0f} {} font 'Helvetica,{:.2f}' linewidth "
                       "1{}\nsmall = ',{:.2f}'\n",
                       figure.width * pixels_in_a_cm, figure.height * pixels_in_a_cm,
                       format == FigureFormat::page ? "dynamic" : "fixed", point_size * pixels_in_a_point,
                       format == FigureFormat::page ? "" : " background '#ffffff'",
                       small_point_size * pixels_in_a_point);
}

} // namespace

FigureFormat figure_format(const std::string& word)
{
    if (word != "svg" && word != "pdf") {
        throw std::invalid_argument("--figure-format " + word + ": svg or pdf is needed");
    }
    return word == "svg" ? FigureFormat::svg : FigureFormat::pdf;
}

std::string extension_of(FigureFormat format)
{
    return format == FigureFormat::pdf ? "pdf" : "svg";
}

std::string draw(const Figure& figure, FigureFormat format)
{
    return run_gnuplot("$data << END_OF_DATA\n" + figure.csv + "END_OF_DATA\ndata = '$data'\n" +
                       terminal(figure, format) + preamble() + figure.plot);
}

std::string script_of(const Figure& figure, FigureFormat format, const std::string& name)
{
    return "# gnuplot " + name + ".gp\ndata = '" + name + ".csv'\n" + terminal(figure, format) +
           "set output '" + name + "." + extension_of(format) + "'\n" + preamble() + figure.plot;
}

} // namespace fa::reporting
