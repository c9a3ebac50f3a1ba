#include "reporting/figures/batch_directions.hpp"

#include "aggregation/columns.hpp"
#include "reporting/figures/style.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace fa::reporting {
namespace {

/// All, or the first, the last, the judged one and one between each two of them.
std::vector<std::size_t> layers_to_draw(std::size_t layers, std::size_t judged)
{
    std::set<std::size_t> chosen;
    for (std::size_t l = 0; l < layers && layers <= most_direction_layers; ++l) {
        chosen.insert(l);
    }
    if (chosen.empty()) {
        chosen = {0, judged / 2, judged, (judged + layers - 1) / 2, layers - 1};
    }
    return {chosen.begin(), chosen.end()};
}

aggregation::Table table_of(const BatchDirections& directions)
{
    aggregation::Table table{"directions", "Batch directions", {}, {}};
    for (const char* name : {"layer", "batch", "other"}) {
        table.columns.push_back(aggregation::count(name, name, ""));
    }
    table.columns.push_back(aggregation::cosine("cosine", "cosine", ""));
    for (const auto& matrix : directions.layers) {
        for (std::size_t i = 0; i < matrix.cosine.size(); ++i) {
            table.add({static_cast<std::int64_t>(matrix.layer),
                       static_cast<std::int64_t>(i / directions.batches),
                       static_cast<std::int64_t>(i % directions.batches), matrix.cosine[i]});
        }
    }
    return table;
}

/// Numbers in the cells of a small matrix, a minus in those of a large one: print in grey shows |cosine|
/// alone.
std::string signs(const BatchDirections& directions, std::size_t layer)
{
    const bool numbers = directions.batches <= 8;
    const auto text = numbers ? "sprintf('%.0f', 100*$4)" : "$4 < -0.05 ? '–' : ''";
    const auto label = [&](const char* condition, const char* colour) {
        return fmt::format(
            ", data skip 1 using ($1=={} && $2 != $3 && {} ? $3 : NaN):2:({}) with labels font small "
            "textcolor '{}'",
            layer, condition, text, colour);
    };
    return label("abs($4) < 0.55", "#000000") + label("abs($4) >= 0.55", "#ffffff");
}

std::string panel(const BatchDirections& directions, const DirectionMatrix& matrix)
{
    const auto stability = std::isnan(matrix.stability) ? "not run" : fmt::format("{:.3f}", matrix.stability);
    return fmt::format("set title '{}layer {}{}' offset 0,-0.9\nset label 1 'mean {}' at graph "
                       "0.5, graph -0.07 center font small\n"
                       "plot data skip 1 using ($1=={} && $2 != $3 ? $3 : "
                       "NaN):2:($3-0.5):($3+0.5):($2-0.5):($2+0.5):4 "
                       "with boxxyerror fillcolor palette",
                       matrix.layer == directions.judged_layer ? "{/:Bold " : "", matrix.layer,
                       matrix.layer == directions.judged_layer ? " (judged)}" : "", stability, matrix.layer) +
           signs(directions, matrix.layer) + "\n";
}

std::string colour_box(double ceiling)
{
    return fmt::format(
        "set colorbox user origin 0.885,0.12 size 0.022,0.76\nset cbrange [-1:1]\nset palette maxcolors 64\n"
        "set cbtics ('–1' -1, '–0.5' -0.5, '0' 0, '0.5' 0.5, '1' 1, 'ceiling' {}) font small\n"
        "set palette defined (-1 '#08306b', -0.5 '#5b9bd0', 0 '#ffffff', 0.5 '#e8853a', 1 '#5a1a00')\n",
        aggregation::exact(ceiling));
}

} // namespace

BatchDirections batch_directions(const aggregation::RunResult& run, const std::filesystem::path& store)
{
    const store::RunReader file(store::Layout(store).run(run.attributes.name));
    const auto cosine = file.read<double>("direction/cosine");
    BatchDirections directions;
    directions.measured = static_cast<std::size_t>(run.attributes.batches);
    directions.batches = std::min(directions.measured, most_direction_batches);
    directions.judged_layer = run.verdict.drift.judged_layer;
    const auto all = static_cast<std::size_t>(run.attributes.layers());
    for (const auto layer : layers_to_draw(all, directions.judged_layer)) {
        DirectionMatrix matrix{layer, run.verdict.drift.layers[layer].value, {}};
        for (std::size_t b = 0; b < directions.batches; ++b) {
            const auto row = cosine.begin() + static_cast<std::ptrdiff_t>((layer * directions.measured + b) *
                                                                          directions.measured);
            matrix.cosine.insert(matrix.cosine.end(), row,
                                 row + static_cast<std::ptrdiff_t>(directions.batches));
        }
        directions.layers.push_back(std::move(matrix));
    }
    return directions;
}

std::optional<Figure> figure_of(const BatchDirections& directions, const aggregation::AuditedRun& run,
                                double ceiling)
{
    if (directions.measured < 2) {
        return std::nullopt;
    }
    Figure figure{.kind = "directions", .subject = run.spec.name, .width = 14};
    const auto columns = std::min<std::size_t>(3, directions.layers.size());
    const auto rows = (directions.layers.size() + columns - 1) / columns;
    figure.height = 0.6 + 4.4 * static_cast<double>(rows);
    figure.caption =
        fmt::format("Cosines between the mean gradients of {} batches of {}, by layer{}. (c) drift fires "
                    "where their mean "
                    "off the diagonal is above {} at layer {}. {}",
                    directions.measured, run.spec.name,
                    directions.batches < directions.measured
                        ? fmt::format(" (the first {} batches are drawn)", directions.batches)
                        : "",
                    aggregation::exact(ceiling), directions.judged_layer,
                    directions.batches <= 8 ? "Numbers: hundredths." : "Negative cosines carry a minus.");
    if (static_cast<std::int64_t>(directions.layers.size()) < run.result->attributes.layers()) {
        figure.caption +=
            fmt::format(" Drawn are {} of {} layers: the first, the last, the judged one, and one "
                        "between each two of these.",
                        directions.layers.size(), run.result->attributes.layers());
    }
    figure.csv = to_csv(table_of(directions));
    figure.plot = fmt::format("set multiplot layout {},{} margins 0.01,0.86,0.06,0.94 spacing 0.02,0.13\n"
                              "unset key\nunset border\nunset tics\nset size ratio -1\n"
                              "set xrange [-0.5:{}]\nset yrange [{}:-0.5]\n",
                              rows, columns, static_cast<double>(directions.batches) - 0.5,
                              static_cast<double>(directions.batches) - 0.5) +
                  colour_box(ceiling);
    for (const auto& matrix : directions.layers) {
        figure.plot += panel(directions, matrix) + "unset colorbox\n";
    }
    figure.plot += "unset multiplot\n";
    return figure;
}

} // namespace fa::reporting
