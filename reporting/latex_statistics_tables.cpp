#include "aggregation/tables.hpp"
#include "reporting/latex_captions.hpp"

#include <fmt/format.h>

namespace fa::reporting {
namespace {

using aggregation::Audit;
using aggregation::Cell;
using aggregation::Table;

LatexTable choices(const Audit& audit, const std::vector<Table>& tables)
{
    const auto caption = fmt::format(
        "What one choice of the aggregation changes in {}, {}: mean over the strategies that differ in "
        "nothing else and over $n$ seeds, bootstrap interval (95 \\%), and $p$ against the same change at "
        "{}; "
        "{}. $\\dagger$: not interpretable in some runs.",
        gamma_train, gamma_in_words, draws(audit), samples(audit));
    auto rows =
        select(find(tables, "choices"), {"group", "dimension", "from", "to", "n", "train_effect", "train_std",
                                         "train_low", "train_high", "p", "interpretable"});
    rows.columns[5].title = "change"; // of what the caption says
    return table_of("choices", caption, std::move(rows), 1, Interpretable::drop);
}

/// Averaged over the layers; those of each layer, and why some have no shares, are in variance.csv.
LatexTable variance(const Audit& audit, const std::vector<Table>& tables)
{
    auto rows = find(tables, "variance");
    std::erase_if(rows.rows, [](const aggregation::Row& row) {
        return row.cells[2] != Cell(std::string("all")) || aggregation::is_empty(row.cells[3]);
    });
    for (auto& row : rows.rows) { // the kind of Γ stands in the heading
        row.cells[0] = std::get<std::string>(row.cells[0]) + ", Γ " + std::get<std::string>(row.cells[1]);
    }
    const auto caption = fmt::format(
        "Where the variance of {}, comes from: shares of crossed random effects, averaged over the layers, "
        "with 95 \\% intervals; std: the effect's own; {}, {}. $\\dagger$: not interpretable in some runs.",
        gamma_in_words, samples(audit), draws(audit));
    return table_of(
        "variance", caption,
        select(rows, {"group", "source", "share", "share_low", "share_high", "std", "interpretable"}), 1,
        Interpretable::drop);
}

LatexTable specification_test(const Audit& audit, const std::vector<Table>& tables)
{
    const auto caption = fmt::format(
        "All aggregation strategies together (specification curve) of {}, {}: their median, the share with "
        "the commoner sign, and the share beyond their own 95 \\% range, each with its $p$ against {}; {}. "
        "$\\dagger$: not interpretable.",
        gamma_train, gamma_in_words, draws(audit), samples(audit));
    return table_of(
        "specification-test", caption,
        select(find(tables, "specification_test"), {"run", "median", "median_p", "one_sign", "one_sign_p",
                                                    "beyond", "beyond_p", "interpretable"}),
        0, Interpretable::drop);
}

} // namespace

std::vector<LatexTable> latex_statistics_tables(const Audit& audit, const std::vector<Table>& tables)
{
    return {choices(audit, tables), variance(audit, tables), specification_test(audit, tables)};
}

} // namespace fa::reporting
