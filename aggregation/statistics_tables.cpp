/// Groups, their comparisons, and what aggregation choices change; the variance and the specification curve
/// are in files of their own.
#include "aggregation/statistics_tables.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/join.hpp"

#include <fmt/format.h>

namespace fa::aggregation {
namespace {

std::string sentences(const std::vector<std::string>& list)
{
    std::string text;
    for (const auto& sentence : list) {
        add_word(text, "; ", sentence);
    }
    return text;
}

Cell size(std::size_t count)
{
    return static_cast<std::int64_t>(count);
}

Tone tone_of(bool interpretable)
{
    return interpretable ? Tone::plain : Tone::bad;
}

const std::string bootstrap_of_train = "bootstrap interval, seeds and batches resampled";
const std::string bootstrap_of_fresh = "bootstrap interval, seeds and draws resampled";
const std::string students = "95 % interval by Student's t, for n up to 5";

} // namespace

std::string interpretable(const Group& group)
{
    return group.not_interpretable == 0 ? "yes"
                                        : fmt::format("no ({} of {})", group.not_interpretable, group.n);
}

Table groups_table(const Audit& audit)
{
    Table table{"groups", "Groups", {}, {}};
    table.columns = {
        words("group", "group", "runs that differ in their seed only"),
        words("strategy", "strategy", "how gamma becomes one number"),
        count("n", "n", "measured runs of the group"),
        cosine("train_mean", "Γ_train", "mean over the seeds"),
        cosine("train_std", "± std", "over the seeds, ddof 1"),
        cosine("fresh_mean", "Γ_fresh", "mean over the seeds of each run's fresh mean"),
        cosine("fresh_std", "± std", "over the seeds, ddof 1"),
        cosine("train_low", "Γ_train 2.5 %", bootstrap_of_train),
        cosine("train_high", "97.5 %", bootstrap_of_train),
        cosine("fresh_low", "Γ_fresh 2.5 %", bootstrap_of_fresh),
        cosine("fresh_high", "97.5 %", bootstrap_of_fresh),
        count("train_n", "n train", "runs that have a gamma_train"),
        count("fresh_n", "n fresh", "runs that have fresh draws"),
        count("not_interpretable", "not interpretable", "runs where diagnostic (a) or (b) fired"),
        words("warning", "warning", "what limits the numbers"),
        cosine("train_t_low", "Γ_train by t 2.5 %", students),
        cosine("train_t_high", "97.5 %", students),
        cosine("fresh_t_low", "Γ_fresh by t 2.5 %", students),
        cosine("fresh_t_high", "97.5 %", students),
        number("p", "p", Digits::significant, "1",
               "of train_mean against the group's means at the fresh draws: (1 + #)/(1 + draws)"),
        number("p_max_layer", "p (max layer)", Digits::significant, "1",
               "the same over the layers, by the largest |z|"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired in a run")};
    for (const auto& group : audit.groups) {
        for (const auto& one : group.strategies) {
            table.add({group.name,
                       one.strategy,
                       size(group.n),
                       one.train.mean,
                       one.train.std,
                       one.fresh.mean,
                       one.fresh.std,
                       one.train.interval.low,
                       one.train.interval.high,
                       one.fresh.interval.low,
                       one.fresh.interval.high,
                       size(one.train.n),
                       size(one.fresh.n),
                       size(group.not_interpretable),
                       sentences(group.warnings),
                       one.train.t.low,
                       one.train.t.high,
                       one.fresh.t.low,
                       one.fresh.t.high,
                       one.p,
                       group.p_max_layer,
                       interpretable(group)},
                      tone_of(group.not_interpretable == 0));
        }
    }
    return table;
}

Table comparisons_table(const Audit& audit)
{
    Table table{"comparisons", "Groups against each other", {}, {}};
    table.columns = {
        words("group", "group", "of its Γ …"),
        words("other", "other", "… this group's is taken off"),
        words("gamma", "Γ", "train; fresh: of the runs' means over the draws"),
        words("what", "what", "a strategy, or a layer's pooled mean"),
        cosine("difference", "difference", "of the means over the seeds"),
        cosine("std", "± std", "of the pairs' differences, ddof 1"),
        cosine("low", "2.5 %", "bootstrap interval, pairs of seeds and common draws or batches resampled"),
        cosine("high", "97.5 %", "bootstrap interval, pairs of seeds and common draws or batches resampled"),
        cosine("t_low", "by t 2.5 %", "95 % interval by Student's t of the pairs, else Welch's"),
        cosine("t_high", "97.5 %", "95 % interval by Student's t of the pairs, else Welch's"),
        number("p", "p", Digits::significant, "1",
               "permutation: signs of the pairs turned, else labels exchanged; two-sided"),
        number("p_smallest", "smallest p", Digits::significant, "1", "that so few seeds can give"),
        number("p_max_layer", "p (max layer)", Digits::significant, "1",
               "the same over the layers, by the largest |z|"),
        words("paired", "paired", "yes: run by run of the same seed"),
        count("n", "n", "pairs, or runs of the group"),
        count("n_other", "n other", "pairs, or runs of the other group"),
        count("replicates", "replicates", "of the bootstrap interval"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired in a run of either"),
        words("warning", "warning", "what limits the numbers")};
    const auto is_interpretable = [&](const std::string& name) {
        for (const auto& group : audit.groups) {
            if (group.name == name) {
                return group.not_interpretable == 0;
            }
        }
        return true;
    };
    for (const auto& one : audit.comparisons) {
        const bool good = is_interpretable(one.group) && is_interpretable(one.other);
        table.add({one.group, one.other, one.gamma, one.what, one.difference, one.std, one.interval.low,
                   one.interval.high, one.t.low, one.t.high, one.p, one.p_smallest, one.p_max_layer,
                   std::string(one.paired ? "yes" : "no"), size(one.n), size(one.n_other),
                   size(one.replicates), std::string(good ? "yes" : "no"), sentences(one.warnings)},
                  tone_of(good));
    }
    return table;
}

Table choices_table(const Audit& audit)
{
    Table table{"choices", "What one aggregation choice changes", {}, {}};
    table.columns = {
        words("group", "group", "runs that differ in their seed only"),
        words("dimension", "dimension", "of the aggregation; all others are fixed"),
        words("from", "from", "the level before"),
        words("to", "to", "the level after"),
        count("pairs", "pairs", "of strategies that differ in nothing else"),
        count("n", "n", "runs with a gamma_train"),
        cosine("train_effect", "change of Γ_train", "mean over the pairs, then over the runs"),
        cosine("train_std", "± std", "over the seeds, ddof 1"),
        cosine("train_low", "2.5 %", bootstrap_of_train),
        cosine("train_high", "97.5 %", bootstrap_of_train),
        cosine("train_t_low", "by t 2.5 %", students),
        cosine("train_t_high", "97.5 %", students),
        cosine("min", "min", "over the pairs and runs"),
        cosine("max", "max", "over the pairs and runs"),
        cosine("fresh_effect", "change of Γ_fresh", "the same of the fresh means"),
        cosine("fresh_std", "± std", "over the seeds, ddof 1"),
        cosine("fresh_low", "2.5 %", bootstrap_of_fresh),
        cosine("fresh_high", "97.5 %", bootstrap_of_fresh),
        number("p", "p", Digits::significant, "1", "of train_effect against the same at the fresh draws"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired in a run"),
        words("warning", "warning", "what limits the numbers")};
    for (const auto& group : audit.groups) {
        for (const auto& one : group.choices) {
            table.add({group.name,
                       one.contrast.dimension,
                       one.contrast.from,
                       one.contrast.to,
                       size(one.contrast.pairs.size()),
                       size(one.train.n),
                       one.train.mean,
                       one.train.std,
                       one.train.interval.low,
                       one.train.interval.high,
                       one.train.t.low,
                       one.train.t.high,
                       one.min,
                       one.max,
                       one.fresh.mean,
                       one.fresh.std,
                       one.fresh.interval.low,
                       one.fresh.interval.high,
                       one.p,
                       interpretable(group),
                       sentences(group.warnings)},
                      tone_of(group.not_interpretable == 0));
        }
    }
    return table;
}

} // namespace fa::aggregation
