/// robustness.md.
#include "aggregation/join.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"

#include <fmt/format.h>

namespace fa::aggregation {
namespace {

std::string bullets(const std::vector<std::string>& sentences)
{
    std::string text;
    for (const auto& sentence : sentences) {
        text += "- " + sentence + "\n";
    }
    return text.empty() ? text : text + "\n";
}

std::string thresholds_line(const verdict::Thresholds& thresholds)
{
    return fmt::format(
        "Thresholds: (a) scale fires above a growth of {} per block, (b) floor below ‖g_L‖ = {}, (c) "
        "drift above a stability of {}, (d) useful blocks below a margin of {} points.\n\n",
        exact(thresholds.h_norm_explosion_ratio), exact(thresholds.g_norm_floor),
        exact(thresholds.stability_drift_ceiling), exact(thresholds.frozen_acc_margin_pp));
}

std::string run_section(const AuditedRun& run, const std::vector<Table>& summary)
{
    const auto& result = *run.result;
    std::string text = fmt::format("## {}: {}\n\n", run.spec.name, result.verdict.full_text());
    if (!run.spec.note.empty()) {
        text += "Note: " + printable(run.spec.note) + "\n\n";
    }
    text += bullets(statements(result));
    text += "Per layer (Γ: pooled mean; norms: medians):\n\n" +
            to_markdown(rows_of(find(summary, "layers"), run.spec.name)) + "\n";
    if (result.attributes.draws > 0 || result.has_train) {
        text += "Per strategy:\n\n" + to_markdown(rows_of(find(summary, "strategies"), run.spec.name)) + "\n";
        text +=
            "Over the strategies:\n\n" + to_markdown(rows_of(find(summary, "spread"), run.spec.name)) + "\n";
    }
    text += "What the pitfalls would have printed:\n\n" + to_markdown(pitfalls_table(result)) + "\n";
    return text;
}

std::string group_section(const Group& group, const std::vector<Table>& summary)
{
    std::string names;
    for (const auto& run : group.runs) {
        add_word(names, ", ", run);
    }
    std::string text = fmt::format("### {} (n = {})\n\nRuns: {}.\n\n", group.name, group.n, names);
    text += bullets(group.warnings);
    auto table = rows_of(find(summary, "groups"), group.name);
    text += to_markdown(
                select(table, {"strategy", "n", "train_mean", "train_std", "train_low", "train_high",
                               "fresh_mean", "fresh_std", "fresh_low", "fresh_high", "not_interpretable"})) +
            "\n";
    if (!group.layers.empty()) {
        text += "Per layer, means over the seeds:\n\n" + to_markdown(group_layers_table(group)) + "\n";
    }
    return text;
}

constexpr const char* legend =
    "## Reading this page\n\n"
    "- Γ is the cosine between a method's credit signal and the true gradient at a layer; undefined values "
    "(a zero or "
    "non-finite vector) are left out and counted.\n"
    "- Γ_train uses the very feedback matrices of training, Γ_fresh draws new ones of the same distribution "
    "and scale; "
    "z = (train − mean of fresh)/std of fresh, p = (1 + #{|fresh| ≥ |train|})/(1 + draws).\n"
    "- p (max layer): the same over all layers at once, by the largest |z|.\n"
    "- A strategy is a list of steps, each an axis and a reducer; layer 0 is the embedding.\n"
    "- Γ interpretable: \"no\" where (a) the hidden states explode or (b) the gradient is at the floor; such "
    "a Γ doesn't "
    "measure credit assignment, whatever its value.\n"
    "- ‖g‖ is at the mean-loss scale of a 128 batch. cosine_similarity: what F.cosine_similarity of that "
    "PyTorch "
    "version prints; lost: what underflows to zero in half precision; .norm(-1): what that call returns "
    "instead of a "
    "norm.\n"
    "- Intervals over seeds: bootstrap, 2.5 % to 97.5 %, seeds resampled together with common draws (fresh) "
    "or batches "
    "(train). Quantiles are of type 7, standard deviations have ddof 1.\n"
    "- – : not available; the reason stands in the same row or section.\n";

} // namespace

std::string robustness_page(const Audit& audit, const std::vector<Table>& summary)
{
    std::string text = "# Robustness of Γ\n\n## Verdicts\n\n" + to_markdown(verdicts_table(audit)) + "\n";
    text += thresholds_line(audit.question.thresholds);
    if (const auto unmeasured = unmeasured_table(audit); !unmeasured.rows.empty()) {
        text += "## Runs without measurements\n\n" + to_markdown(unmeasured) + "\n";
    }
    if (!audit.question.strategies.empty()) {
        text += fmt::format("## At a glance\n\nΓ by `{}`; min to sign flips over all strategies.\n\n",
                            audit.question.strategies.front().text()) +
                to_markdown(overview_table(audit)) + "\n";
    }
    for (const auto& run : audit.runs) {
        if (run.result) {
            text += run_section(run, summary);
        }
    }
    if (!audit.groups.empty()) {
        text += "## Across seeds\n\n";
    }
    for (const auto& group : audit.groups) {
        text += group_section(group, summary);
    }
    return text + legend;
}

} // namespace fa::aggregation
