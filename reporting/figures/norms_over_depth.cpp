#include "reporting/figures/norms_over_depth.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/join.hpp"
#include "aggregation/statistics.hpp"
#include "reporting/figures/style.hpp"
#include "reporting/figures/words.hpp"

#include <fmt/format.h>

#include <cmath>

namespace fa::reporting {
namespace {

using aggregation::Digits;
using aggregation::number;

aggregation::Table table_of(const NormsOverDepth& norms)
{
    aggregation::Table table{"norms", "Norms over depth", {}, {}};
    table.columns = {aggregation::count("layer", "layer", "")};
    for (const char* name : {"h_norm", "h_ceiling", "g_norm", "g_floor"}) {
        table.columns.push_back(number(name, name, Digits::significant, "1", ""));
    }
    for (std::size_t l = 0; l < norms.hidden.size(); ++l) {
        const bool last = l + 1 == norms.hidden.size();
        table.add({static_cast<std::int64_t>(l), norms.hidden[l], norms.ceiling[l], norms.gradient[l],
                   last ? norms.floor : aggregation::undefined});
    }
    return table;
}

/// Layers whose norm a logarithmic axis can't show.
std::string hidden_from_the_axis(const std::vector<double>& norms)
{
    std::string layers;
    for (std::size_t l = 0; l < norms.size(); ++l) {
        if (!std::isfinite(norms[l]) || norms[l] <= 0) {
            aggregation::add_word(layers, ", ", fmt::format("{}", l));
        }
    }
    return layers;
}

std::string panel(std::size_t column, const char* label, const Decades& range)
{
    return fmt::format("set yrange {}\n{}set ylabel '{}' offset 0.5,0\n"
                       "drawable(x) = x > 0 && x < 1e300 ? x : NaN\n"
                       "plot data skip 1 using 1:(drawable(${})) with linespoints pointtype 7 pointsize 0.5 "
                       "linewidth 1.5 linecolor '{}' title 'median'",
                       range.text(), range.tics(), label, column, colour::other);
}

/// A mark where the diagnostic fires.
std::string fired(const char* condition, std::size_t column)
{
    return fmt::format(", data skip 1 using 1:({} ? drawable(${}) : NaN) with points pointtype 13 pointsize "
                       "1 linecolor '{}' title 'fires'\n",
                       condition, column, colour::trained);
}

} // namespace

NormsOverDepth norms_over_depth(const aggregation::RunResult& run, const verdict::Thresholds& thresholds)
{
    NormsOverDepth norms{
        run.verdict.scale.hidden_norm, {}, run.verdict.floor.gradient_norm, thresholds.g_norm_floor};
    norms.ceiling.push_back(aggregation::undefined);
    for (std::size_t l = 1; l < norms.hidden.size(); ++l) {
        norms.ceiling.push_back(thresholds.h_norm_explosion_ratio * norms.hidden[l - 1]);
    }
    return norms;
}

Figure figure_of(const NormsOverDepth& norms, const aggregation::AuditedRun& run,
                 const verdict::Thresholds& thresholds)
{
    const auto last = norms.hidden.size() - 1;
    Figure figure{.kind = "norms", .subject = run.spec.name, .height = 8.6};
    figure.caption = fmt::format(
        "Norms over depth of {}: medians over {}. (a) scale fires where ‖h_l‖ grows by more than {} in a "
        "block (dashed: that many times the layer before); (b) floor fires where ‖g_L‖ is below {} (dashed), "
        "at the last layer alone.",
        run.spec.name, samples_of(*run.result), aggregation::exact(thresholds.h_norm_explosion_ratio),
        aggregation::exact(thresholds.g_norm_floor));
    for (const auto& [name, values] : {std::pair{"‖h‖", &norms.hidden}, {"‖g‖", &norms.gradient}}) {
        if (const auto layers = hidden_from_the_axis(*values); !layers.empty()) {
            figure.caption += fmt::format(
                " {} is zero, undefined or not finite at layer {}: no log axis shows it.", name, layers);
        }
    }
    auto all = norms.hidden;
    all.insert(all.end(), norms.ceiling.begin(), norms.ceiling.end());
    figure.csv = to_csv(table_of(norms));
    figure.plot =
        fmt::format("set multiplot layout 2,1\nset logscale y\nset format y '10^{{%T}}'\nset xrange "
                    "[-0.3:{}]\n",
                    static_cast<double>(last) + 0.3) +
        whole_tics(0, last) + "set lmargin 8\nset rmargin 1.5\n" + panel(2, "‖h_l‖", decades(all)) +
        fmt::format(", data skip 1 using ($1-0.25):(drawable($3)):(0.5):(0) with vectors nohead dashtype "
                    "(5,3) linecolor '{}' linewidth 1.25 title 'limit'",
                    colour::limit) +
        fired("drawable($2) > drawable($3)", 2) + "set xlabel 'layer (0: embedding)' offset 0,0.4\n" +
        panel(4, "‖g_l‖", decades(norms.gradient, {norms.floor})) +
        fmt::format(", {} with lines dashtype (5,3) linecolor '{}' linewidth 1.25 title 'limit'",
                    aggregation::exact(norms.floor), colour::limit) +
        fired("drawable($4) < drawable($5)", 4) + "unset multiplot\n";
    return figure;
}

} // namespace fa::reporting
