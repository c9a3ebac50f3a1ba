#include "reporting/figures/specification_curve.hpp"

#include "aggregation/choice.hpp"
#include "aggregation/join.hpp"
#include "reporting/figures/style.hpp"
#include "reporting/figures/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

/// Columns of the CSV as gnuplot counts them: rank, strategy, gamma_train, low, middle, high, beyond,
/// choices.
constexpr std::size_t first_choice_column = 8;

std::string words_in(const aggregation::Row& row, std::size_t column)
{
    return std::get<std::string>(row.cells[column]);
}

constexpr std::size_t order_dimension = aggregation::dimensions.size() - 1;
constexpr const char* usual_order = "samples → batches → layers";

/// gnuplot ends a word of a CSV at a comma, quoted or not.
std::string with_arrows(std::string order)
{
    for (auto comma = order.find(", "); comma != std::string::npos; comma = order.find(", ")) {
        order.replace(comma, 2, " → ");
    }
    return order;
}

/// The levels of each dimension; the usual ones first, others as they come.
std::vector<std::vector<std::string>> levels_of(const aggregation::Table& points)
{
    std::vector<std::vector<std::string>> levels;
    for (std::size_t d = 0; d < aggregation::dimensions.size(); ++d) {
        std::vector<std::string> found;
        for (const char* usual : {"gamma", "mean", "all", usual_order}) {
            found.emplace_back(usual);
        }
        std::vector<std::string> there;
        for (const auto& row : points.rows) {
            there.push_back(words_in(row, first_choice_column - 1 + d));
            if (std::find(found.begin(), found.end(), there.back()) == found.end()) {
                found.push_back(there.back());
            }
        }
        std::erase_if(found, [&](const std::string& level) {
            return std::find(there.begin(), there.end(), level) == there.end();
        });
        levels.push_back(std::move(found));
    }
    return levels;
}

/// Rows from the top down; a gap between dimensions.
std::vector<double> heights(const std::vector<ChoiceRow>& rows)
{
    std::vector<double> heights;
    double height = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        height -= i > 0 && rows[i].dimension != rows[i - 1].dimension ? 1.5 : 1;
        heights.push_back(height);
    }
    return heights;
}

/// "samples: mean", the dimension beside its first row only.
std::string tics_of(const std::vector<ChoiceRow>& rows, const std::vector<double>& heights)
{
    std::string tics;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool first = i == 0 || rows[i].dimension != rows[i - 1].dimension;
        aggregation::add_word(tics, ", ",
                              fmt::format("'{}{}' {}", first ? "{/:Bold " + rows[i].dimension + "}  " : "",
                                          rows[i].level, heights[i]));
    }
    return "set ytics (" + tics + ") font small\n";
}

std::string curve_plot(const SpecificationCurve& curve)
{
    std::vector<std::string> parts;
    if (curve.has_fresh) {
        parts.push_back(fmt::format("data skip 1 using 1:5:($1-0.5):($1+0.5):4:6 with boxxyerror fillcolor "
                                    "'{}' title 'fresh: 95 %'",
                                    colour::range));
        parts.push_back(fmt::format("data skip 1 using ($1-0.5):5:(1):(0) with vectors nohead linecolor '{}' "
                                    "linewidth 1.25 title 'median'",
                                    colour::half));
    }
    if (curve.has_train) {
        const auto where = [&](const char* word) {
            return fmt::format("data skip 1 using 1:(stringcolumn(7) eq '{}' ? $3 : NaN) with points ", word);
        };
        if (curve.has_fresh) {
            parts.push_back(where("no") +
                            fmt::format("pointtype 6 pointsize 0.7 linewidth 2 linecolor '{}' title "
                                        "'trained, within'",
                                        colour::other));
            parts.push_back(where("yes") +
                            fmt::format("pointtype 13 pointsize 0.75 linecolor '{}' title 'trained, beyond'",
                                        colour::trained));
        } else {
            parts.push_back(fmt::format("data skip 1 using 1:3 with points pointtype 13 pointsize 0.75 "
                                        "linecolor '{}' title 'trained'",
                                        colour::trained));
        }
    }
    return fmt::format("plot {}\n", fmt::join(parts, ", \\\n     "));
}

std::string choices_plot(const SpecificationCurve& curve, const std::vector<double>& heights)
{
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < curve.rows.size(); ++i) {
        const auto dimension = std::find(aggregation::dimensions.begin(), aggregation::dimensions.end(),
                                         curve.rows[i].dimension) -
                               aggregation::dimensions.begin();
        const auto column = first_choice_column + static_cast<std::size_t>(dimension);
        parts.push_back(fmt::format("{0} with lines linecolor '{3}' linewidth 0.75, data skip 1 using "
                                    "1:(stringcolumn({1}) eq '{2}' ? {0} "
                                    ": NaN) with points pointtype 5 pointsize 0.5 linecolor '#000000'",
                                    heights[i], column, curve.rows[i].level, colour::range));
    }
    return fmt::format("plot {}\n", fmt::join(parts, ", \\\n     "));
}

std::string upper_panel(const SpecificationCurve& curve, const std::string& warning, double top,
                        double bottom)
{
    std::vector<double> values;
    for (const auto& row : curve.points.rows) {
        for (const std::size_t column : {2, 3, 5}) {
            values.push_back(std::get<double>(row.cells[column]));
        }
    }
    return fmt::format("set lmargin at screen 0.39\nset rmargin at screen 0.985\nset tmargin at screen "
                       "{:.3f}\nset bmargin at screen {:.3f}\nset xrange [0.4:{}.6]\nset yrange {}\n",
                       top, bottom, curve.points.rows.size(), linear_range(values, {0.0})) +
           "unset xtics\nset border 2\nset ylabel 'Γ of the run' offset 1,0\n"
           "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back linecolor '#444444' dashtype "
           "(4,3) linewidth 0.75\n" +
           warning_title(warning) + curve_plot(curve);
}

std::string lower_panel(const SpecificationCurve& curve, double bottom)
{
    const auto places = heights(curve.rows);
    return fmt::format("unset arrow 1\nunset title\nunset key\nunset ylabel\nset border 0\nset samples "
                       "2\nset tmargin at "
                       "screen {:.3f}\nset bmargin at screen 0.07\nset yrange [{}:-0.3]\n",
                       bottom - 0.01, places.back() - 0.7) +
           tics_of(curve.rows, places) + "set ytics scale 0\n" +
           "set xlabel 'strategies, in the order of their Γ' offset 0,0.6\n" + choices_plot(curve, places);
}

} // namespace

SpecificationCurve specification_curve(const aggregation::RunResult& run,
                                       const aggregation::Table& specification)
{
    SpecificationCurve curve;
    curve.points = rows_of(specification, run.attributes.name);
    for (auto& row : curve.points.rows) {
        auto& order = std::get<std::string>(row.cells[first_choice_column - 1 + order_dimension]);
        order = with_arrows(order);
    }
    curve.has_train = run.has_train;
    curve.has_fresh = run.attributes.draws > 0;
    const auto levels = levels_of(curve.points);
    for (std::size_t d = 0; d < levels.size(); ++d) {
        const std::string dimension(aggregation::dimensions[d]);
        if (levels[d].size() == 1) {
            aggregation::add_word(curve.fixed, ", ", dimension + " " + levels[d].front());
        }
        for (const auto& level : levels[d]) {
            if (levels[d].size() > 1) {
                curve.rows.push_back({dimension, level});
            }
        }
    }
    return curve;
}

std::optional<Figure> figure_of(const SpecificationCurve& curve, const aggregation::AuditedRun& run)
{
    if (curve.points.rows.empty()) {
        return std::nullopt;
    }
    Figure figure{.kind = "specification", .subject = run.spec.name, .width = 14};
    const auto count = static_cast<double>(curve.rows.size());
    figure.height = 6.7 + 0.33 * count;
    figure.caption = fmt::format(
        "Specification curve of {}: Γ by {} aggregation strategies{}{}{}{}{}", run.spec.name,
        curve.points.rows.size(),
        curve.has_fresh
            ? fmt::format(", on the middle 95 % and the median of {}{} fresh draws",
                          curve.has_train ? "the trained value and " : "", run.result->attributes.draws)
            : "",
        curve.has_train && curve.has_fresh ? ". Filled diamonds lie beyond that range, open circles within"
                                           : "",
        curve.rows.empty() ? "." : ". Squares below: the choices that each strategy makes.",
        curve.fixed.empty() ? "" : " In all of them: " + curve.fixed + ".", not_interpretable(*run.result));
    figure.csv = to_csv(curve.points);
    const double above = short_warning(*run.result).empty() ? 1.05 : 1.5;
    const double bottom = curve.rows.empty() ? 0.12 : 1 - (above + 4.2) / figure.height;
    figure.plot = "set multiplot\n" +
                  upper_panel(curve, short_warning(*run.result), 1 - above / figure.height, bottom) +
                  (curve.rows.empty() ? "" : lower_panel(curve, bottom)) + "unset multiplot\n";
    return figure;
}

} // namespace fa::reporting
