/// The readable tables and sentences; page and terminal put them together.
#include "aggregation/robustness.hpp"

#include "aggregation/invariance.hpp"
#include "aggregation/tables.hpp"
#include "aggregation/training_record.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace fa::aggregation {
namespace {

Column words(const char* name, const char* title)
{
    return {name, title, Kind::words, Digits::significant, "", ""};
}

Column count(const char* name, const char* title)
{
    return {name, title, Kind::count, Digits::significant, "count", ""};
}

Column number(const char* name, const char* title, Digits digits)
{
    return {name, title, Kind::number, digits, "1", ""};
}

} // namespace

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
                {words("run", "run"), words("status", "status"), words("reason", "reason")},
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
    table.columns = {words("run", "run"),
                     number("gamma_train", "Γ_train", Digits::cosine),
                     number("fresh_mean", "Γ_fresh", Digits::cosine),
                     number("fresh_std", "± std", Digits::cosine),
                     number("z", "z", Digits::points),
                     number("p", "p", Digits::significant),
                     number("p_max_layer", "p (max layer)", Digits::significant),
                     number("min", "min", Digits::cosine),
                     number("max", "max", Digits::cosine),
                     number("ratio", "ratio", Digits::significant),
                     count("sign_flips", "sign flips"),
                     number("layer_0_share", "layer 0", Digits::percent),
                     number("blocks_only", "blocks only", Digits::cosine),
                     words("interpretable", "Γ interpretable")};
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
    table.columns = {
        count("layer", "layer"),
        number("gamma", run.pitfalls.of_fresh_draw ? "Γ of fresh draw 0" : "Γ_train", Digits::cosine),
        number("clamped_old", "cosine_similarity ≤ 1.11", Digits::cosine),
        number("clamped_new", "cosine_similarity ≥ 1.12", Digits::cosine),
        number("float32_gamma", "float32 path", Digits::cosine),
        number("fp16_gamma", "g in fp16", Digits::cosine),
        number("fp16_entries_lost", "entries lost", Digits::percent),
        number("fp16_rows_lost", "rows lost", Digits::percent),
        number("bf16_gamma", "g in bf16", Digits::cosine),
        number("bf16_entries_lost", "entries lost", Digits::percent),
        number("bf16_rows_lost", "rows lost", Digits::percent),
        number("fp16_hidden_overflow", "h beyond fp16", Digits::percent),
        number("gradient_norm", "‖g‖", Digits::significant),
        number("norm_minus_one", ".norm(-1)", Digits::significant),
        number("centered_gamma", "Γ_train without drift", Digits::cosine),
        words("interpretable", "Γ interpretable")};
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
    table.columns = {count("layer", "layer"),
                     number("h_norm", "‖h‖", Digits::significant),
                     number("g_norm", "‖g‖", Digits::significant),
                     number("stability", "stability", Digits::fraction),
                     number("train_mean", "Γ_train", Digits::cosine),
                     number("train_std", "± std", Digits::cosine),
                     number("fresh_mean", "Γ_fresh", Digits::cosine),
                     number("fresh_std", "± std", Digits::cosine)};
    for (std::size_t l = 0; l < group.layers.size(); ++l) {
        const auto& layer = group.layers[l];
        table.add({static_cast<std::int64_t>(l), layer.hidden_norm.mean, layer.gradient_norm.mean,
                   layer.stability.mean, layer.train.mean, layer.train.std, layer.fresh.mean,
                   layer.fresh.std});
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
