#include "aggregation/join.hpp"
#include "aggregation/tables.hpp"
#include "reporting/latex_captions.hpp"
#include "reporting/latex_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

using aggregation::Audit;
using aggregation::Cell;
using aggregation::Table;

/// A sentence for each warning, with the groups that it is of.
std::vector<std::string> warnings_of(const std::vector<aggregation::Group>& groups)
{
    std::vector<std::pair<std::string, std::string>> by_warning;
    for (const auto& group : groups) {
        for (const auto& warning : group.warnings) {
            const auto known = std::find_if(by_warning.begin(), by_warning.end(),
                                            [&](const auto& one) { return one.first == warning; });
            auto& names = (known == by_warning.end() ? by_warning.emplace_back(warning, "") : *known).second;
            aggregation::add_word(names, ", ", group.name);
        }
    }
    std::vector<std::string> sentences;
    for (const auto& [warning, names] : by_warning) {
        sentences.push_back(latex_prose(names + ": " + warning + "."));
    }
    return sentences;
}

Table rows_of_first_strategy(Table table, std::size_t column, const Audit& audit)
{
    std::erase_if(table.rows, [&](const aggregation::Row& row) {
        return row.cells[column] != Cell(first_strategy(audit));
    });
    return table;
}

/// Columns that stand for themselves in their own table, but not beside each other.
Table retitled(Table table, const std::string& name, const std::string& title)
{
    for (auto& column : table.columns) {
        if (column.name == name) {
            column.title = title;
        }
    }
    return table;
}

std::string interval_words(const Audit& audit)
{
    return fmt::format("95 \\% intervals: bootstrap of {} replicates, and by Student's $t$ for few seeds",
                       audit.question.replicates);
}

LatexTable groups(const Audit& audit, const std::vector<Table>& tables, const std::string& of)
{
    auto rows = rows_of_first_strategy(find(tables, "groups"), 1, audit);
    rows = retitled(std::move(rows), of + "_low", "2.5 %");
    rows = retitled(std::move(rows), of + "_t_low", "by t 2.5 %");
    rows = retitled(std::move(rows), of + "_t_high", "by t 97.5 %");
    std::vector<std::string> names{"group",     of + "_n",    of + "_mean",  of + "_std",
                                   of + "_low", of + "_high", of + "_t_low", of + "_t_high"};
    rows = retitled(std::move(rows), of + "_n", "n");
    if (of == "train") {
        names.insert(names.end(), {"p", "p_max_layer"});
    }
    names.emplace_back("interpretable");
    const auto caption = fmt::format(
        "Across $n$ seeds: {} ({}), aggregated by {}; {}, {}. {}. $\\dagger$: not interpretable "
        "in some runs.",
        of == "train" ? gamma_train : gamma_fresh, gamma_in_words, breakable_latex(first_strategy(audit)),
        samples(audit), draws(audit), interval_words(audit));
    auto table = table_of("groups-" + of, caption, select(rows, names), 0, Interpretable::keep);
    if (of == "train") {
        table.notes = warnings_of(audit.groups);
    }
    return table;
}

LatexTable strategies_of_groups(const Audit& audit, const std::vector<Table>& tables)
{
    const auto caption =
        fmt::format("Across $n$ seeds, by every aggregation: {}, {}; {}, {}. $\\dagger$: not "
                    "interpretable in some runs.",
                    gamma_train + " and " + gamma_fresh, gamma_in_words, samples(audit), draws(audit));
    return table_of("strategies", caption,
                    select(find(tables, "groups"), {"group", "strategy", "n", "train_mean", "train_std",
                                                    "fresh_mean", "fresh_std", "p", "interpretable"}),
                    1, Interpretable::drop);
}

LatexTable comparisons(const Audit& audit, const std::vector<Table>& tables)
{
    auto rows = rows_of_first_strategy(find(tables, "comparisons"), 3, audit);
    rows = retitled(std::move(rows), "t_low", "by t 2.5 %");
    rows = retitled(std::move(rows), "t_high", "by t 97.5 %");
    for (auto& row : rows.rows) { // the difference stands in its heading
        row.cells[0] = std::get<std::string>(row.cells[0]) + " − " + std::get<std::string>(row.cells[1]);
    }
    const auto caption = fmt::format(
        "Differences of {}, between groups; aggregated by {}; {}, {}. {}; $p$ by permutation, two-sided, and "
        "the "
        "smallest that so few seeds can give. $\\dagger$: not interpretable in some runs.",
        gamma_in_words, breakable_latex(first_strategy(audit)), samples(audit), draws(audit),
        interval_words(audit));
    return table_of("comparisons", caption,
                    select(rows, {"group", "gamma", "n", "difference", "std", "low", "high", "t_low",
                                  "t_high", "p", "p_smallest", "interpretable"}),
                    1, Interpretable::drop);
}

} // namespace

std::vector<LatexTable> latex_group_tables(const Audit& audit, const std::vector<Table>& tables)
{
    return {groups(audit, tables, "train"), groups(audit, tables, "fresh"),
            strategies_of_groups(audit, tables), comparisons(audit, tables)};
}

} // namespace fa::reporting
