#include "reporting/latex_tables.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/latex_captions.hpp"
#include "reporting/latex_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

using aggregation::Audit;
using aggregation::AuditedRun;
using aggregation::Table;

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
        gamma_in_words, gamma_train, gamma_fresh, draws(audit), samples(audit),
        breakable_latex(first_strategy(audit)));
    return table_of(
        "reseeding", caption,
        select(aggregation::overview_table(audit),
               {"run", "gamma_train", "fresh_mean", "fresh_std", "z", "p", "p_max_layer", "interpretable"}),
        0, Interpretable::keep);
}

LatexTable aggregations(const Audit& audit)
{
    const auto caption =
        fmt::format("Robustness of {}, to its aggregation: {} over {} strategies and {}. "
                    "Ratio: of the largest to the smallest "
                    "$|\\Gamma|$ where all have one sign; layer 0: its share of "
                    "$\\sum|\\Gamma_l|$; blocks only: without layer 0. "
                    "$\\dagger$: not interpretable, by the diagnostics named.",
                    gamma_in_words, gamma_train, audit.question.strategies.size(), samples(audit));
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
                                     gamma_in_words, samples(audit), gamma_fresh, draws(audit));
    return table_of("layers", caption, select(all, names), 1, Interpretable::drop);
}

LatexTable spread(const Audit& audit, const std::vector<Table>& tables)
{
    const auto caption =
        fmt::format("Spread of {}, over the aggregation strategies: of {} (train) and of the mean over "
                    "{} (fresh); {}. $\\dagger$: not interpretable.",
                    gamma_in_words, gamma_train, draws(audit), samples(audit));
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
        for (auto& table : latex_group_tables(audit, tables)) {
            all.push_back(std::move(table));
        }
        all.push_back(spread(audit, tables));
        for (auto& table : latex_statistics_tables(audit, tables)) {
            all.push_back(std::move(table));
        }
    }
    return all;
}

} // namespace fa::reporting
