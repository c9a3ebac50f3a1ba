#include "reporting/figures/gamma_by_layer.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/fresh_values.hpp"
#include "reporting/figures/style.hpp"
#include "reporting/figures/words.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <fmt/format.h>

namespace fa::reporting {
namespace {

using aggregation::cosine;

aggregation::Table table_of(const GammaByLayer& gamma)
{
    aggregation::Table table{"gamma", "Γ by layer", {}, {}};
    table.columns = {aggregation::count("layer", "layer", "")};
    for (const char* name : {"gamma_train", "fresh_min", "fresh_q025", "fresh_q250", "fresh_q500",
                             "fresh_q750", "fresh_q975", "fresh_max"}) {
        table.columns.push_back(cosine(name, name, ""));
    }
    for (std::size_t l = 0; l < gamma.layers.size(); ++l) {
        const auto& one = gamma.layers[l];
        table.add({static_cast<std::int64_t>(l), one.train, one.lowest, one.q025, one.q250, one.q500,
                   one.q750, one.q975, one.highest});
    }
    return table;
}

std::string plot_of(const GammaByLayer& gamma)
{
    std::vector<std::string> parts;
    if (gamma.has_fresh) {
        // Ends of the vectors are differences.
        parts.push_back(fmt::format("data skip 1 using 1:3:(0):($9-$3) with vectors nohead linecolor '{}' "
                                    "linewidth 1 title 'all'",
                                    colour::half));
        parts.push_back(fmt::format("data skip 1 using 1:4:($1-0.28):($1+0.28):4:8 with boxxyerror "
                                    "fillcolor '{}' title '95 %'",
                                    colour::range));
        parts.push_back(fmt::format("data skip 1 using 1:5:($1-0.28):($1+0.28):5:7 with boxxyerror "
                                    "fillcolor '{}' title '50 %'",
                                    colour::half));
        parts.emplace_back("data skip 1 using ($1-0.28):6:(0.56):(0) with vectors nohead linecolor "
                           "'#000000' linewidth 1.5 title 'median'");
    }
    if (gamma.has_train) {
        parts.push_back(fmt::format("data skip 1 using 1:2 with points pointtype 13 pointsize 1.1 linecolor "
                                    "'#ffffff' notitle, data skip 1 using 1:2 with points pointtype 13 "
                                    "pointsize 0.8 linecolor '{}' title 'trained'",
                                    colour::trained));
    }
    return "plot " + fmt::format("{}", fmt::join(parts, ", \\\n     ")) + "\n";
}

} // namespace

GammaByLayer gamma_by_layer(const aggregation::RunResult& run, const std::filesystem::path& store)
{
    GammaByLayer gamma;
    gamma.has_train = run.has_train;
    gamma.has_fresh = run.attributes.draws > 0;
    aggregation::FreshValues fresh;
    if (gamma.has_fresh) {
        const store::RunReader file(store::Layout(store).run(run.attributes.name));
        fresh = aggregation::fresh_values(file, {}, aggregation::read_cache(store, run.attributes.digest));
    }
    for (std::size_t l = 0; l < run.layers.size(); ++l) {
        const auto& one = run.layers[l].gamma;
        const auto at = [&](double level) {
            return gamma.has_fresh ? aggregation::quantile(fresh.layers[l], level) : aggregation::undefined;
        };
        gamma.layers.push_back(
            {one.train, at(0), one.fresh_q025, at(0.25), one.fresh_q500, at(0.75), one.fresh_q975, at(1)});
    }
    return gamma;
}

std::optional<Figure> figure_of(const GammaByLayer& gamma, const aggregation::AuditedRun& run)
{
    if (gamma.layers.empty() || (!gamma.has_train && !gamma.has_fresh)) {
        return std::nullopt;
    }
    std::vector<double> values;
    for (const auto& one : gamma.layers) {
        values.insert(values.end(), {one.train, one.lowest, one.highest});
    }
    const auto last = gamma.layers.size() - 1;
    Figure figure{.kind = "gamma", .subject = run.spec.name};
    figure.caption = fmt::format(
        "Γ by layer of {}: pooled means over {}.{}{}{}", run.spec.name, samples_of(*run.result),
        gamma.has_train ? " Diamonds: with the training's own feedback." : "",
        gamma.has_fresh
            ? fmt::format(" Boxes: the means of {} fresh draws of the feedback, their middle 95 % "
                          "and 50 %, median and full range.",
                          run.result->attributes.draws)
            : "",
        not_interpretable(*run.result));
    figure.csv = to_csv(table_of(gamma));
    figure.plot = fmt::format("set xrange [-0.6:{}]\n", static_cast<double>(last) + 0.6) +
                  whole_tics(0, last) + "set yrange " + linear_range(values, {0.0}) +
                  "\nset xlabel 'layer (0: embedding)' offset 0,0.3\nset ylabel 'Γ, pooled mean' offset 1,0\n"
                  "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back linecolor '#444444' "
                  "dashtype (4,3) linewidth 0.75\n" +
                  warning_title(short_warning(*run.result)) + plot_of(gamma);
    return figure;
}

} // namespace fa::reporting
