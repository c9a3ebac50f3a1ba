/// The readable tables and sentences; page and terminal put them together.
#include "aggregation/robustness.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/invariance.hpp"
#include "aggregation/statistics_tables.hpp"
#include "aggregation/tables.hpp"
#include "aggregation/training_record.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace fa::aggregation {
Table verdicts_table(const Audit& audit)
{
    auto table = select(runs_table(audit),
                        {"run", "seed", "accuracy", "frozen_accuracy", "margin_pp", "growth_max",
                         "g_norm_last", "stability", "verdict", "fired", "marginal", "not_run", "status"});
    std::erase_if(table.rows, [](const Row& row) { return row.cells.back() != Cell("measured"); });
    table.columns.pop_back();
    for (auto& row : table.rows) {
        row.cells.pop_back();
    }
    table.title = "Verdicts";
    return table;
}

Table unmeasured_table(const Audit& audit)
{
    Table table{"unmeasured",
                "Runs without measurements",
                {words("run", "run", "its name"), words("status", "status", "failed or missing"),
                 words("reason", "reason", "why a run has no measurements")},
                {}};
    for (const auto& run : audit.runs) {
        if (!run.result) {
            table.add({run.spec.name,
                       std::string(run.status.state == RunState::failed ? "failed" : "missing"),
                       run.status.reason},
                      run.status.state == RunState::failed ? Tone::bad : Tone::faint);
        }
    }
    return table;
}

Table overview_table(const Audit& audit)
{
    Table table{"overview", "Robustness of Γ", {}, {}};
    table.columns = {
        words("run", "run", "its name"),
        cosine("gamma_train", "Γ_train", "training feedback, by the first strategy"),
        cosine("fresh_mean", "Γ_fresh", "mean over the fresh draws, by the first strategy"),
        cosine("fresh_std", "± std", "standard deviation over the draws, ddof 1"),
        number("z", "z", Digits::points, "1", "(gamma_train - fresh_mean)/fresh_std"),
        number("p", "p", Digits::significant, "1", "(1 + #{|fresh| >= |train|})/(1 + defined draws)"),
        number("p_max_layer", "p (max layer)", Digits::significant, "1",
               "p of gamma_train over the layers, by the largest |z|"),
        cosine("min", "min", "of gamma_train over the strategies"),
        cosine("max", "max", "of gamma_train over the strategies"),
        number("ratio", "ratio", Digits::significant, "1", "max|gamma|/min|gamma| where all have one sign"),
        count("sign_flips", "sign flips", "min(#positive, #negative) of the strategies"),
        number("layer_0_share", "layer 0", Digits::percent, "fraction",
               "|gamma_0|/sum of |gamma_l|, of the pooled means of gamma_train"),
        cosine("blocks_only", "blocks only", "gamma_train by pooled=mean,blocks=mean"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired")};
    for (const auto& run : audit.runs) {
        if (!run.result || run.result->strategies.empty()) {
            continue;
        }
        const auto& result = *run.result;
        const auto& gamma = result.strategies.front().gamma;
        const auto& spread = result.train_spread;
        table.add({run.spec.name, gamma.train, gamma.fresh_mean, gamma.fresh_std, gamma.z, gamma.p,
                   result.p_max_layer, spread.min, spread.max, spread.ratio,
                   spread.defined > 0 ? Cell(spread.sign_flips) : Cell(), result.layer_0_share,
                   result.blocks_only, interpretable(result.verdict)},
                  result.verdict.gamma_is_interpretable() ? Tone::plain : Tone::bad);
    }
    return table;
}

Table pitfalls_table(const RunResult& run)
{
    Table table{"pitfalls", "Pitfalls", {}, {}};
    const std::string printed = "what F.cosine_similarity would have printed, ";
    table.columns = {
        count("layer", "layer", "0 is the embedding, L the last block"),
        cosine("gamma", run.pitfalls.of_fresh_draw ? "Γ of fresh draw 0" : "Γ_train",
               "gamma_train, of runs without it that of fresh draw 0; pooled mean"),
        cosine("clamped_old", "cosine_similarity ≤ 1.11", printed + "PyTorch up to 1.11"),
        cosine("clamped_new", "cosine_similarity ≥ 1.12", printed + "PyTorch from 1.12 on"),
        cosine("float32_gamma", "float32 path", "gamma by the usual float32 forward and backward"),
        cosine("fp16_gamma", "g in fp16", "gamma after that cast of the gradient"),
        number("fp16_entries_lost", "entries lost", Digits::percent, "fraction",
               "nonzero entries of the gradient that fp16 makes zero"),
        number("fp16_rows_lost", "rows lost", Digits::percent, "fraction",
               "samples whose whole gradient fp16 makes zero"),
        cosine("bf16_gamma", "g in bf16", "gamma after that cast of the gradient"),
        number("bf16_entries_lost", "entries lost", Digits::percent, "fraction",
               "nonzero entries of the gradient that bf16 makes zero"),
        number("bf16_rows_lost", "rows lost", Digits::percent, "fraction",
               "samples whose whole gradient bf16 makes zero"),
        number("fp16_hidden_overflow", "h beyond fp16", Digits::percent, "fraction",
               "entries of the hidden state beyond 65504"),
        number("gradient_norm", "‖g‖", Digits::significant, "1",
               "median over the samples of ||dl/dh|| / 128"),
        number("norm_minus_one", ".norm(-1)", Digits::significant, "1",
               "what that call returns instead of a norm; median over the batches"),
        cosine("centered_gamma", "Γ_train without drift",
               "gamma_train against the gradient minus its batch mean"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired")};
    for (std::size_t l = 0; l < run.pitfalls.layers.size(); ++l) {
        const auto& layer = run.pitfalls.layers[l];
        table.add({static_cast<std::int64_t>(l), layer.gamma, layer.clamped_old, layer.clamped_new,
                   layer.float32_gamma, layer.fp16_gamma, layer.fp16_entries_lost, layer.fp16_rows_lost,
                   layer.bf16_gamma, layer.bf16_entries_lost, layer.bf16_rows_lost,
                   layer.fp16_hidden_overflow, layer.gradient_norm, layer.norm_minus_one,
                   layer.centered_gamma, interpretable(run.verdict)});
    }
    return table;
}

Table group_layers_table(const Group& group)
{
    Table table{"group_layers", group.name, {}, {}};
    table.columns = {
        count("layer", "layer", "0 is the embedding, L the last block"),
        number("h_norm", "‖h‖", Digits::significant, "1", "mean over the seeds of the medians"),
        number("g_norm", "‖g‖", Digits::significant, "1",
               "mean over the seeds of the medians of ||dl/dh|| / 128"),
        number("stability", "stability", Digits::fraction, "cosine", "mean over the seeds"),
        cosine("train_mean", "Γ_train", "mean over the seeds of the pooled means"),
        cosine("train_std", "± std", "over the seeds, ddof 1"),
        cosine("fresh_mean", "Γ_fresh", "mean over the seeds of each run's fresh mean"),
        cosine("fresh_std", "± std", "over the seeds, ddof 1"),
        number("p", "p", Digits::significant, "1",
               "of train_mean against the group's means at the fresh draws: (1 + #)/(1 + draws)"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired in a run")};
    for (std::size_t l = 0; l < group.layers.size(); ++l) {
        const auto& layer = group.layers[l];
        table.add({static_cast<std::int64_t>(l), layer.hidden_norm.mean, layer.gradient_norm.mean,
                   layer.stability.mean, layer.train.mean, layer.train.std, layer.fresh.mean, layer.fresh.std,
                   layer.p, interpretable(group)},
                  group.not_interpretable == 0 ? Tone::plain : Tone::bad);
    }
    return table;
}

std::vector<std::string> warnings(const AuditedRun& audited)
{
    if (!audited.result) {
        return {};
    }
    const auto& run = *audited.result;
    auto sentences = run.verdict.warnings;
    if (run.has_train && run.attributes.feedback_verified == "unverified") {
        const auto& source = run.attributes.feedback;
        sentences.push_back(fmt::format("the training feedback is unverified: it comes from {}, and no hash "
                                        "is recorded in the checkpoint, "
                                        "so Γ_train may be against other matrices than the training's",
                                        source == "file" ? "a file" : source));
    }
    for (auto& sentence : record_warnings(audited.spec, run.attributes)) {
        sentences.push_back(std::move(sentence));
    }
    return sentences;
}

std::vector<std::string> statements(const AuditedRun& audited)
{
    const auto& run = *audited.result;
    std::vector<std::string> sentences;
    if (!run.verdict.gamma_is_interpretable()) {
        sentences.push_back(
            fmt::format("Γ is not interpretable here: {} fired. The numbers are printed, but they don't "
                        "measure credit assignment.",
                        interpretable(run.verdict).substr(3)));
    }
    for (auto& sentence : invariance(run)) {
        sentences.push_back(std::move(sentence));
    }
    if (run.has_train && !has_feedback(run.attributes)) {
        sentences.push_back(fmt::format("credit={} has no feedback matrices: there is nothing to reseed, and "
                                        "Γ_train is all the Γ there is.",
                                        run.attributes.credit));
    }
    if (run.attributes.credit == "none") {
        sentences.emplace_back("credit=none: no Γ was asked for; the diagnostics stand alone.");
    }
    if (auto sentence = record_sentence(run.attributes); !sentence.empty()) {
        sentences.push_back(std::move(sentence));
    }
    for (const auto& warning : warnings(audited)) {
        sentences.push_back("Warning: " + warning + ".");
    }
    return sentences;
}

} // namespace fa::aggregation
