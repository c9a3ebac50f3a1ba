#include "reporting/figures/variance_shares.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/join.hpp"
#include "reporting/figures/style.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

aggregation::Table table_of(const std::vector<VarianceShare>& shares)
{
    using aggregation::Digits;
    using aggregation::number;
    aggregation::Table table{"variance", "Variance shares", {}, {}};
    table.columns = {aggregation::words("gamma", "gamma", ""), aggregation::count("row", "row", ""),
                     aggregation::words("source", "source", "")};
    for (const char* name : {"share", "share_low", "share_high", "mean_share"}) {
        table.columns.push_back(number(name, name, Digits::percent, "fraction", ""));
    }
    std::int64_t row = 0;
    for (const auto& one : shares) {
        table.add({one.gamma, row++, one.source, one.share, one.low, one.high, one.mean_share});
    }
    return table;
}

/// "set ytics ('seed' 0, …)" of one Γ's rows.
std::string tics_of(const std::vector<VarianceShare>& shares, const std::string& gamma)
{
    std::string tics;
    for (std::size_t row = 0; row < shares.size(); ++row) {
        if (shares[row].gamma == gamma) {
            aggregation::add_word(tics, ", ", fmt::format("'{}' {}", shares[row].source, row));
        }
    }
    return "set ytics (" + tics + ")\n";
}

/// @param warning  behind the title; may be empty
std::string panel(const std::vector<VarianceShare>& shares, const std::string& gamma,
                  const std::string& warning)
{
    const auto is_its = [&](const VarianceShare& one) { return one.gamma == gamma; };
    const auto first = std::find_if(shares.begin(), shares.end(), is_its) - shares.begin();
    const auto count = std::count_if(shares.begin(), shares.end(), is_its);
    const auto only = fmt::format("data skip 1 using (strcol(1) eq '{}' ? 100*$", gamma);
    return tics_of(shares, gamma) +
           fmt::format("set yrange [{}:{}]\nset title 'Γ_{{{}}}{}' offset 0,-0.5\n",
                       static_cast<double>(first + count) - 0.4, static_cast<double>(first) - 0.6, gamma,
                       warning) +
           "plot " + only +
           fmt::format("5 : NaN):($2):(100*($6-$5)):(0) with vectors nohead linecolor '{}' "
                       "linewidth 3 title '95 %', ",
                       "#b0b0b0") +
           only +
           fmt::format("4 : NaN):2 with points pointtype 7 pointsize 0.65 linecolor '{}' title 'one "
                       "sample', ",
                       colour::other) +
           only +
           fmt::format("7 : NaN):2 with points pointtype 12 pointsize 0.8 linewidth 1.5 linecolor '{}' "
                       "title 'mean over all'\n",
                       colour::trained);
}

void append(std::vector<VarianceShare>& shares, const char* gamma, const aggregation::GammaVariance& variance)
{
    if (variance.layers.empty()) {
        return;
    }
    for (const auto& source : variance.layers.front().decomposition.sources) {
        shares.push_back(
            {gamma, source.name, source.share, source.interval.low, source.interval.high, source.mean_share});
    }
}

} // namespace

std::vector<VarianceShare> variance_shares(const aggregation::GroupVariance& variance)
{
    std::vector<VarianceShare> shares;
    append(shares, "train", variance.train);
    append(shares, "fresh", variance.fresh);
    return shares;
}

std::optional<Figure> figure_of(const std::vector<VarianceShare>& shares, const std::string& group,
                                const std::string& interpretable)
{
    if (shares.empty()) {
        return std::nullopt;
    }
    const auto train = static_cast<double>(std::count_if(
        shares.begin(), shares.end(), [](const VarianceShare& one) { return one.gamma == "train"; }));
    const auto rows = static_cast<double>(shares.size());
    const bool both = train > 0 && train < rows;
    Figure figure{.kind = "variance", .subject = group, .width = 12};
    // Heights in cm: a row, what stands above each panel, the axis below the last.
    const double row = 0.46, above = 1.35, below = 1.2;
    figure.height = rows * row + above * (both ? 2 : 1) + below + 0.2;
    figure.caption = fmt::format(
        "Where the spread of Γ comes from in {}: shares of the variance, averaged over the layers. Circles: "
        "of "
        "one sample's Γ, with 95 % generalised confidence intervals; diamonds: of the mean over the whole "
        "design.",
        group);
    std::string warning;
    if (interpretable != "yes") {
        const auto runs = interpretable.substr(4, interpretable.size() - 5) + " runs"; // no (2 of 3)
        figure.caption += " Γ is not interpretable in " + runs + ".";
        warning = ", not interpretable in " + runs;
    }
    figure.csv = to_csv(table_of(shares));
    const auto margins = [&](double top, double count) {
        return fmt::format("set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
                           1 - top / figure.height, 1 - (top + count * row) / figure.height);
    };
    figure.plot =
        "set multiplot\nset lmargin at screen 0.37\nset rmargin at screen 0.96\nset xrange [-3:103]\n"
        "set border 1\nset ytics scale 0\nset grid xtics linecolor '#d9d9d9' dashtype (2,3) linewidth "
        "0.75\nset format x '%g %%'\nset key at screen 0.37, screen 0.99 top left horizontal\n";
    if (both) {
        figure.plot += "unset xlabel\n" + margins(above + 0.2, train) + panel(shares, "train", warning) +
                       "unset key\n" + margins(2 * above + 0.2 + train * row, rows - train);
    } else {
        figure.plot += margins(above + 0.2, rows);
    }
    figure.plot += "set xlabel 'share of the variance' offset 0,0.3\n" +
                   panel(shares, train == rows ? "train" : "fresh", warning) + "unset multiplot\n";
    return figure;
}

} // namespace fa::reporting
