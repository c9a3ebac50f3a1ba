#include "reporting/latex_tables.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/join.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/statistics_tables.hpp"
#include "aggregation/tables.hpp"
#include "reporting/latex_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

using aggregation::Audit;
using aggregation::AuditedRun;
using aggregation::Cell;
using aggregation::Table;

const std::string gamma =
    "$\\Gamma$, the cosine between credit signal and gradient at the hidden states, per "
    "sample";
const std::string train = "$\\Gamma_{\\mathrm{train}}$";
const std::string fresh = "$\\Gamma_{\\mathrm{fresh}}$";

/// "200", or "200 to 500" where runs differ.
template <typename Number>
std::string range_of(const Audit& audit, const Number& number)
{
    std::int64_t low = -1, high = -1;
    for (const auto& run : audit.runs) {
        const std::int64_t value = run.result ? number(*run.result) : 0;
        if (value > 0) {
            low = low < 0 ? value : std::min(low, value);
            high = std::max(high, value);
        }
    }
    return low < 0 ? "no" : low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high);
}

std::string samples(const Audit& audit)
{
    return range_of(audit, [](const auto& run) { return run.attributes.samples(); }) + " samples";
}

std::string draws(const Audit& audit)
{
    return range_of(audit, [](const auto& run) { return run.attributes.draws; }) +
           " fresh draws of the feedback matrices";
}

std::string first_strategy(const Audit& audit)
{
    return audit.question.strategies.empty() ? std::string() : audit.question.strategies.front().text();
}

/// Rows are marked by what their `interpretable` column says; `drop`: the words themselves then go.
enum class Interpretable { keep, drop };

LatexTable table_of(std::string label, std::string caption, Table table, std::size_t headings,
                    Interpretable words)
{
    LatexTable result{std::move(label), std::move(caption), std::move(table), headings, {}, {}};
    auto& columns = result.table.columns;
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [](const auto& column) { return column.name == "interpretable"; });
    if (found == columns.end()) {
        return result;
    }
    const auto place = found - columns.begin();
    for (auto& row : result.table.rows) {
        const auto* const says = std::get_if<std::string>(&row.cells[static_cast<std::size_t>(place)]);
        result.marked.push_back(says != nullptr && says->starts_with("no"));
        if (words == Interpretable::drop) {
            row.cells.erase(row.cells.begin() + place);
        }
    }
    if (words == Interpretable::drop) {
        columns.erase(found);
    }
    return result;
}

/// "walk-back: a, b (scale), c (marginal)"; what did not run behind it.
std::string verdict_in_short(const verdict::Verdict& verdict)
{
    std::string fired;
    std::string not_run;
    std::string marginal;
    for (const auto& one : verdict::diagnostics_of(verdict)) {
        const auto& judged = *one.judgement;
        auto letter = std::string(1, one.letter);
        if (judged.state == verdict::State::not_run) {
            if (judged.reason == "is the frozen control") {
                not_run += "; is the control";
                continue;
            }
            not_run += fmt::format("; {} not run: {}", letter, judged.reason);
            continue;
        }
        if (judged.marginal) {
            marginal += (marginal.empty() ? "; marginal: " : ", ") + letter;
        }
        if (judged.fired()) {
            fired += (fired.empty() ? "" : ", ") + letter +
                     (judged.cause.empty() ? "" : " (" + judged.cause + ")");
        }
    }
    return (fired.empty() ? "trustworthy" : "needs walk-back: " + fired) + marginal + not_run;
}

LatexTable verdicts(const Audit& audit)
{
    auto table =
        select(aggregation::verdicts_table(audit),
               {"run", "accuracy", "frozen_accuracy", "margin_pp", "growth_max", "g_norm_last", "stability"});
    table.columns.push_back(aggregation::words("verdict", "verdict", ""));
    table.columns.push_back(aggregation::words("interpretable", "", ""));
    std::size_t row = 0;
    for (const auto& run : audit.runs) {
        if (run.result) {
            auto& cells = table.rows[row++].cells;
            cells.emplace_back(verdict_in_short(run.result->verdict));
            cells.emplace_back(aggregation::interpretable(run.result->verdict));
        }
    }
    const auto& by = audit.question.thresholds;
    const auto caption = fmt::format(
        "Verdicts over {}. Diagnostics: (a) scale fires above a growth of the median $\\|h\\|$ of {} per "
        "block, (b) "
        "floor below a median $\\|g_L\\|$ of \\num{{{}}} (of the mean loss of 128 samples), (c) drift above "
        "a "
        "stability of {}, (d) useful blocks below a margin of {} points over the frozen control.",
        samples(audit), aggregation::exact(by.h_norm_explosion_ratio), aggregation::exact(by.g_norm_floor),
        aggregation::exact(by.stability_drift_ceiling), aggregation::exact(by.frozen_acc_margin_pp));
    return table_of("verdicts", caption + " $\\dagger$: $\\Gamma$ is not interpretable.", std::move(table), 0,
                    Interpretable::drop);
}

LatexTable reseeding(const Audit& audit)
{
    const auto caption = fmt::format(
        "Robustness of {}, to reseeding the feedback: {} with the matrices of training, {} over {}; {}, "
        "aggregated by {}. $z$ and $p$ compare the two; $p$ (max layer) does so over all layers at once, by "
        "the "
        "largest $|z|$. $\\dagger$: not interpretable, by the diagnostics named.",
        gamma, train, fresh, draws(audit), samples(audit), breakable_latex(first_strategy(audit)));
    return table_of(
        "reseeding", caption,
        select(aggregation::overview_table(audit),
               {"run", "gamma_train", "fresh_mean", "fresh_std", "z", "p", "p_max_layer", "interpretable"}),
        0, Interpretable::keep);
}

LatexTable aggregations(const Audit& audit)
{
    const auto caption = fmt::format("Robustness of {}, to its aggregation: {} over {} strategies and {}. "
                                     "Ratio: of the largest to the smallest "
                                     "$|\\Gamma|$ where all have one sign; layer 0: its share of "
                                     "$\\sum|\\Gamma_l|$; blocks only: without layer 0. "
                                     "$\\dagger$: not interpretable, by the diagnostics named.",
                                     gamma, train, audit.question.strategies.size(), samples(audit));
    return table_of(
        "aggregation", caption,
        select(aggregation::overview_table(audit), {"run", "gamma_train", "min", "max", "ratio", "sign_flips",
                                                    "layer_0_share", "blocks_only", "interpretable"}),
        0, Interpretable::keep);
}

LatexTable layers(const Audit& audit, const std::vector<Table>& tables)
{
    const auto& all = find(tables, "layers");
    const bool any_undefined = std::any_of(audit.runs.begin(), audit.runs.end(), [](const AuditedRun& run) {
        return run.result && std::any_of(run.result->layers.begin(), run.result->layers.end(),
                                         [](const auto& layer) { return layer.undefined_train > 0; });
    });
    std::vector<std::string> names{"run",       "layer",       "h_norm",       "g_norm",
                                   "stability", "gamma_train", "fresh_mean",   "fresh_std",
                                   "z",         "p",           "interpretable"};
    if (any_undefined) {
        names.insert(names.begin() + 6, "undefined");
    }
    const auto caption = fmt::format("{}, by layer (0: embedding): mean over {}; {} over {} (mean $\\pm$ "
                                     "std). $\\|h\\|$, $\\|g\\|$: medians of the "
                                     "hidden states' and gradients' norms. $\\dagger$: not interpretable.",
                                     gamma, samples(audit), fresh, draws(audit));
    return table_of("layers", caption, select(all, names), 1, Interpretable::drop);
}

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
    const auto caption =
        fmt::format("Across $n$ seeds: {} ({}), aggregated by {}; {}, {}. {}. $\\dagger$: not interpretable "
                    "in some runs.",
                    of == "train" ? train : fresh, gamma, breakable_latex(first_strategy(audit)),
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
                    train + " and " + fresh, gamma, samples(audit), draws(audit));
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
        gamma, breakable_latex(first_strategy(audit)), samples(audit), draws(audit), interval_words(audit));
    return table_of("comparisons", caption,
                    select(rows, {"group", "gamma", "n", "difference", "std", "low", "high", "t_low",
                                  "t_high", "p", "p_smallest", "interpretable"}),
                    1, Interpretable::drop);
}

LatexTable spread(const Audit& audit, const std::vector<Table>& tables)
{
    const auto caption =
        fmt::format("Spread of {}, over the aggregation strategies: of {} (train) and of the mean over "
                    "{} (fresh); {}. $\\dagger$: not interpretable.",
                    gamma, train, draws(audit), samples(audit));
    return table_of("spread", caption, find(tables, "spread"), 0, Interpretable::keep);
}

} // namespace

std::vector<LatexTable> latex_tables(const Audit& audit, const std::vector<Table>& tables)
{
    std::vector<LatexTable> all{verdicts(audit)};
    if (auto unmeasured = aggregation::unmeasured_table(audit); !unmeasured.rows.empty()) {
        all.push_back({"unmeasured", "Runs without measurements.", std::move(unmeasured), 0, {}, {}});
    }
    if (!audit.question.strategies.empty()) {
        all.push_back(reseeding(audit));
        all.push_back(aggregations(audit));
    }
    all.push_back(layers(audit, tables));
    if (!audit.question.strategies.empty()) {
        all.push_back(groups(audit, tables, "train"));
        all.push_back(groups(audit, tables, "fresh"));
        all.push_back(strategies_of_groups(audit, tables));
        all.push_back(comparisons(audit, tables));
        all.push_back(spread(audit, tables));
    }
    return all;
}

} // namespace fa::reporting
