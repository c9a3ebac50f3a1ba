/// robustness.md.
#include "aggregation/invariance.hpp"
#include "aggregation/join.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    text += bullets(statements(run));
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

/// The rows of one group and one layer word, for readers.
Table variance_rows(const Group& group, const std::vector<Table>& summary)
{
    auto table = rows_of(find(summary, "variance"), group.name);
    std::erase_if(table.rows,
                  [](const Row& row) { return row.cells[1] != Cell("all") && row.cells[1] != Cell(""); });
    return select(table, {"gamma", "source", "share", "share_low", "share_high", "std", "mean_share", "min",
                          "max", "note"});
}

std::string group_section(const Group& group, const GroupVariance& variance,
                          const std::vector<Table>& summary)
{
    std::string names;
    for (const auto& run : group.runs) {
        add_word(names, ", ", run);
    }
    std::string text = fmt::format("### {} (n = {})\n\nRuns: {}.\n\n", group.name, group.n, names);
    text += bullets(invariance(group, variance));
    text += bullets(group.warnings);
    auto table = rows_of(find(summary, "groups"), group.name);
    text += to_markdown(select(table, {"strategy", "n", "train_mean", "train_std", "train_low", "train_high",
                                       "train_t_low", "train_t_high", "fresh_mean", "fresh_std", "fresh_low",
                                       "fresh_high", "p", "interpretable"})) +
            "\n";
    if (!group.layers.empty()) {
        text += "Per layer, means over the seeds:\n\n" + to_markdown(group_layers_table(group)) + "\n";
    }
    if (const auto choices = rows_of(find(summary, "choices"), group.name);
        std::any_of(group.choices.begin(), group.choices.end(),
                    [](const GroupChoice& choice) { return choice.train.n + choice.fresh.n > 0; })) {
        text += "What one aggregation choice changes, the others fixed:\n\n" +
                to_markdown(select(choices, {"dimension", "from", "to", "pairs", "train_effect", "train_std",
                                             "train_low", "train_high", "fresh_effect", "fresh_std", "p"})) +
                "\n";
    }
    if (const auto rows = variance_rows(group, summary); !rows.rows.empty()) {
        text += "Where the spread comes from (one sample's Γ, variances averaged over the layers; min and "
                "max over "
                "the strategies):\n\n" +
                to_markdown(rows) + "\n";
    }
    return text;
}

/// The first strategy's rows.
Table headline_comparisons(const Audit& audit, const std::vector<Table>& summary)
{
    auto table = select(find(summary, "comparisons"),
                        {"group", "other", "gamma", "what", "difference", "std", "low", "high", "t_low",
                         "t_high", "p", "p_smallest", "p_max_layer", "n", "interpretable", "warning"});
    std::erase_if(table.rows, [&](const Row& row) {
        return audit.question.strategies.empty() ||
               row.cells[3] != Cell(audit.question.strategies.front().text());
    });
    return table;
}

} // namespace

std::vector<std::string> reading_notes()
{
    return {
        "Γ is the cosine between a method's credit signal and the true gradient at a layer; undefined values "
        "(a zero or non-finite vector) are left out and counted.",
        "Γ_train uses the very feedback matrices of training, Γ_fresh draws new ones of the same "
        "distribution "
        "and scale; z = (train − mean of fresh)/std of fresh, p = (1 + #{|fresh| ≥ |train|})/(1 + draws).",
        "p (max layer): the same over all layers at once, by the largest |z|.",
        "A strategy is a list of steps, each an axis and a reducer; layer 0 is the embedding.",
        "Γ interpretable: \"no\" where (a) the hidden states explode or (b) the gradient is at the floor; "
        "such "
        "a Γ doesn't measure credit assignment, whatever its value.",
        "‖g‖ is at the mean-loss scale of a 128 batch. cosine_similarity: what F.cosine_similarity of that "
        "PyTorch version prints; lost: what underflows to zero in half precision; .norm(-1): what that call "
        "returns instead of a norm.",
        "Intervals over seeds: bootstrap, 2.5 % to 97.5 %, seeds resampled together with common draws "
        "(fresh) "
        "or batches (train); by t: Student's, for few seeds. Quantiles are of type 7, standard deviations "
        "have ddof 1.",
        "– : not available; the reason stands in the same row or section."};
}

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
    for (std::size_t i = 0; i < audit.groups.size(); ++i) {
        text += group_section(audit.groups[i], audit.variances[i], summary);
    }
    if (const auto rows = headline_comparisons(audit, summary); !rows.rows.empty()) {
        text += fmt::format(
                    "## Groups against each other\n\nΓ by `{}`; the other strategies and the layers stand in "
                    "comparisons.csv.\n\n",
                    audit.question.strategies.front().text()) +
                to_markdown(rows) + "\n";
    }
    text += "## Reading this page\n\n" + bullets(reading_notes());
    text.pop_back(); // the empty line
    return text;
}

} // namespace fa::aggregation
