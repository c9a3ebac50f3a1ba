#include "aggregation/tables.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/join.hpp"
#include "aggregation/statistics_tables.hpp"

#include <stdexcept>

namespace fa::aggregation {
namespace {

const std::string gamma_definition = "cosine between credit signal and reference gradient";

void append(std::vector<Column>& columns, std::vector<Column> more)
{
    columns.insert(columns.end(), more.begin(), more.end());
}

/// From `fresh_mean` on, as `layers` and `strategies` share them.
std::vector<Column> fresh_columns()
{
    return {
        number("fresh_mean", "Γ_fresh", Digits::cosine, "cosine", "mean over the fresh draws"),
        number("fresh_std", "± std", Digits::cosine, "cosine", "standard deviation over the draws, ddof 1"),
        number("fresh_q025", "2.5 %", Digits::cosine, "cosine", "quantile over the draws, type 7"),
        number("fresh_q500", "50 %", Digits::cosine, "cosine", "median over the draws"),
        number("fresh_q975", "97.5 %", Digits::cosine, "cosine", "quantile over the draws, type 7"),
        number("z", "z", Digits::points, "1", "(gamma_train - fresh_mean)/fresh_std"),
        number("p", "p", Digits::significant, "1", "(1 + #{|fresh| >= |train|})/(1 + defined draws)")};
}

std::vector<Cell> fresh_cells(const Compared& gamma)
{
    return {gamma.fresh_mean, gamma.fresh_std, gamma.fresh_q025, gamma.fresh_q500,
            gamma.fresh_q975, gamma.z,         gamma.p};
}

void append(std::vector<Cell>& cells, std::vector<Cell> more)
{
    cells.insert(cells.end(), more.begin(), more.end());
}

Cell train_count(const RunResult& run, std::int64_t count)
{
    return run.has_train ? Cell(count) : Cell();
}

Tone tone_of(const verdict::Verdict& verdict)
{
    return verdict.trustworthy() ? Tone::good : Tone::bad;
}

std::vector<Column> runs_columns()
{
    return {
        words("run", "run", "its name"),
        words("method", "method", "what the manifest calls it"),
        words("group", "group", "runs that differ in their seed only"),
        count("seed", "seed", "of the training, as the manifest says"),
        number("accuracy", "accuracy", Digits::fraction, "fraction", "on the whole test split"),
        number("frozen_accuracy", "frozen", Digits::fraction, "fraction",
               "accuracy of the frozen-random-blocks control"),
        number("margin_pp", "margin", Digits::points, "percentage points", "accuracy above the control's"),
        number("growth_max", "max growth", Digits::significant, "1",
               "largest ratio of consecutive medians of ||h_l||"),
        number("growth_end_to_end", "growth 0→L", Digits::significant, "1",
               "median ||h_L|| / median ||h_0||"),
        number("g_norm_last", "‖g_L‖", Digits::significant, "1", "median ||dl/dh_L|| / 128"),
        number("stability", "stability", Digits::fraction, "cosine",
               "mean pairwise cosine of the batches' mean gradients at layer floor(L/2)"),
        words("verdict", "verdict", "trustworthy, or what has to be walked back"),
        words("fired", "fired", "letters of the diagnostics that fired, with their causes"),
        words("marginal", "marginal", "letters of the diagnostics whose 95 % interval spans the threshold"),
        words("not_run", "not run", "letters of the diagnostics that could not run, with the reason"),
        number("p_max_layer", "p (max layer)", Digits::significant, "1",
               "p of gamma_train over the layers, by the largest |z|"),
        words("status", "status", "measured, failed or missing"),
        words("reason", "reason", "why a run has no measurements"),
    };
}

std::string status_word(RunState state)
{
    return state == RunState::measured ? "measured" : state == RunState::failed ? "failed" : "missing";
}

} // namespace

Cell seed_cell(const jobs::RunSpec& run)
{
    return run.seed ? Cell(*run.seed) : Cell();
}

std::string interpretable(const verdict::Verdict& verdict)
{
    std::string fired;
    for (const auto& [letter, judgement] :
         {std::pair{"a", static_cast<const verdict::Judgement*>(&verdict.scale)},
          std::pair{"b", static_cast<const verdict::Judgement*>(&verdict.floor)}}) {
        if (judgement->fired()) {
            add_word(fired, ", ", letter);
        }
    }
    return fired.empty() ? "yes" : "no (" + fired + ")";
}

Table runs_table(const Audit& audit)
{
    Table table{"runs", "Runs", runs_columns(), {}};
    for (const auto& run : audit.runs) {
        std::vector<Cell> cells{run.spec.name, run.spec.method, run.group, seed_cell(run.spec)};
        if (!run.result) {
            cells.resize(table.columns.size() - 2);
            append(cells, {status_word(run.status.state), run.status.reason});
            table.add(std::move(cells), Tone::faint);
            continue;
        }
        const auto& verdict = run.result->verdict;
        append(cells,
               {verdict.useful_blocks.accuracy, verdict.useful_blocks.frozen_accuracy,
                verdict.useful_blocks.margin_pp, verdict.scale.max_growth, verdict.scale.end_to_end_growth,
                verdict.floor.last_gradient_norm, verdict.drift.stability, verdict.text(), verdict.fired(),
                verdict.marginal(), verdict.not_run(), run.result->p_max_layer, status_word(run.status.state),
                std::string()});
        table.add(std::move(cells), tone_of(verdict));
    }
    return table;
}

Table layers_table(const Audit& audit)
{
    Table table{"layers", "Layers", {}, {}};
    table.columns = {
        words("run", "run", "its name"),
        count("layer", "layer", "0 is the embedding, L the last block"),
        number("h_norm", "‖h‖", Digits::significant, "1", "median over the samples"),
        number("g_norm", "‖g‖", Digits::significant, "1", "median over the samples of ||dl/dh|| / 128"),
        number("stability", "stability", Digits::fraction, "cosine",
               "mean pairwise cosine of the batches' mean gradients"),
        number("gamma_train", "Γ_train", Digits::cosine, "cosine",
               gamma_definition + ", training feedback; pooled mean"),
        count("undefined", "undefined", "samples whose gamma_train is undefined")};
    append(table.columns, fresh_columns());
    append(table.columns, {words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired"),
                           count("fresh_undefined", "undefined fresh",
                                 "values of all draws and samples that are undefined")});
    for (const auto& run : audit.runs) {
        for (std::size_t l = 0; run.result && l < run.result->layers.size(); ++l) {
            const auto& verdict = run.result->verdict;
            const auto& layer = run.result->layers[l];
            std::vector<Cell> cells{run.spec.name,
                                    static_cast<std::int64_t>(l),
                                    verdict.scale.hidden_norm[l],
                                    verdict.floor.gradient_norm[l],
                                    verdict.drift.layers[l].value,
                                    layer.gamma.train,
                                    train_count(*run.result, layer.undefined_train)};
            append(cells, fresh_cells(layer.gamma));
            append(cells, {interpretable(verdict), layer.undefined_fresh});
            table.add(std::move(cells), verdict.gamma_is_interpretable() ? Tone::plain : Tone::bad);
        }
    }
    return table;
}

Table strategies_table(const Audit& audit)
{
    Table table{"strategies", "Strategies", {}, {}};
    table.columns = {
        words("run", "run", "its name"), words("strategy", "strategy", "how gamma becomes one number"),
        number("gamma_train", "Γ_train", Digits::cosine, "cosine", gamma_definition + ", training feedback"),
        count("undefined", "undefined", "undefined values of gamma_train that the strategy starts from")};
    append(table.columns, fresh_columns());
    append(table.columns, {words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired"),
                           words("reason", "why N/A", "why a number isn't there")});
    for (const auto& run : audit.runs) {
        if (!run.result) {
            continue;
        }
        for (const auto& one : run.result->strategies) {
            std::vector<Cell> cells{run.spec.name, one.strategy, one.gamma.train,
                                    train_count(*run.result, one.undefined_train)};
            append(cells, fresh_cells(one.gamma));
            append(cells, {interpretable(run.result->verdict), one.reason});
            table.add(std::move(cells),
                      run.result->verdict.gamma_is_interpretable() ? Tone::plain : Tone::bad);
        }
    }
    return table;
}

Table spread_table(const Audit& audit)
{
    Table table{"spread", "Spread over the strategies", {}, {}};
    table.columns = {
        words("run", "run", "its name"),
        words("source", "source", "train: gamma_train; fresh: the fresh means"),
        number("min", "min", Digits::cosine, "cosine", "over the strategies"),
        number("max", "max", Digits::cosine, "cosine", "over the strategies"),
        number("ratio", "ratio", Digits::significant, "1", "max|gamma|/min|gamma| where all have one sign"),
        count("sign_flips", "sign flips", "min(#positive, #negative)"),
        count("strategies", "strategies", "those with a value"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired")};
    for (const auto& run : audit.runs) {
        if (!run.result) {
            continue;
        }
        const auto add = [&](const char* source, const Spread& spread) {
            const Cell flips = spread.defined > 0 ? Cell(spread.sign_flips) : Cell();
            table.add({run.spec.name, std::string(source), spread.min, spread.max, spread.ratio, flips,
                       spread.defined, interpretable(run.result->verdict)},
                      run.result->verdict.gamma_is_interpretable() ? Tone::plain : Tone::bad);
        };
        add("train", run.result->train_spread);
        add("fresh", run.result->fresh_spread);
    }
    return table;
}

const Table& find(const std::vector<Table>& tables, std::string_view name)
{
    for (const auto& table : tables) {
        if (table.name == name) {
            return table;
        }
    }
    throw std::logic_error("there is no summary table '" + std::string(name) + "'");
}

std::vector<Table> summary_tables(const Audit& audit)
{
    return {runs_table(audit),          layers_table(audit),
            strategies_table(audit),    spread_table(audit),
            groups_table(audit),        comparisons_table(audit),
            choices_table(audit),       variance_table(audit),
            specification_table(audit), specification_test_table(audit)};
}

} // namespace fa::aggregation
