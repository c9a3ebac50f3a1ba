#include "reporting/checklist/evidence.hpp"

#include "aggregation/table.hpp"
#include "aggregation/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace fa::reporting {
namespace {

using aggregation::AuditedRun;
using aggregation::Digits;
using aggregation::LayerPitfalls;
using aggregation::RunResult;

/// A line of evidence with its weight: heavier ones are shown first.
struct Weighed {
    double weight = 0;
    std::string text;
};

std::string cosine(double value)
{
    return aggregation::readable(value, Digits::cosine);
}
std::string number(double value)
{
    return aggregation::readable(value, Digits::significant);
}
std::string percent(double value)
{
    return aggregation::readable(value, Digits::percent);
}

/// " (Γ not interpretable: a, b)", so that no line can be read without it.
std::string mark(const RunResult& run)
{
    const auto word = aggregation::interpretable(run.verdict);
    return word == "yes" ? "" : " (Γ not interpretable: " + word.substr(4, word.size() - 5) + ")";
}

std::vector<std::string> shown(std::vector<Weighed> lines)
{
    constexpr std::size_t most = 5;
    std::ranges::stable_sort(lines, std::greater{}, &Weighed::weight);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) {
        texts.push_back(std::move(lines[i].text));
    }
    if (lines.size() > most) {
        texts.push_back(fmt::format("and {} more", lines.size() - most));
    }
    return texts;
}

/// The line of a run's worst layer; nothing for runs without the numbers.
template <typename Weigh, typename Say>
std::vector<Weighed> worst_layers(const aggregation::Audit& audit, const Weigh& weigh, const Say& say)
{
    std::vector<Weighed> lines;
    for (const auto& run : audit.runs) {
        std::optional<std::pair<double, std::size_t>> worst;
        for (std::size_t l = 0; run.result && l < run.result->pitfalls.layers.size(); ++l) {
            const double weight = weigh(run.result->pitfalls.layers[l]);
            if (!std::isnan(weight) && (!worst || weight > worst->first)) {
                worst = {weight, l};
            }
        }
        if (worst) {
            const auto& layer = run.result->pitfalls.layers[worst->second];
            lines.push_back({worst->first, fmt::format("{}, layer {}: {}{}", run.spec.name, worst->second,
                                                       say(layer), mark(*run.result))});
        }
    }
    return lines;
}

Evidence minus_one_norms(const aggregation::Audit& audit)
{
    auto lines = worst_layers(
        audit, [](const LayerPitfalls& l) { return std::abs(std::log(l.norm_minus_one / l.gradient_norm)); },
        [](const LayerPitfalls& l) {
            return fmt::format("the median ‖g‖ is {}, `.norm(-1)` of a batch's gradients gives {}",
                               number(l.gradient_norm), number(l.norm_minus_one));
        });
    if (lines.empty()) {
        return {};
    }
    return {Bite::yes, "What `.norm(-1)` would print instead of ‖g‖:", shown(std::move(lines))};
}

/// How much a printed Γ differs from the true one, in units of what counts as changed.
double change(double printed, double gamma)
{
    if (std::isnan(gamma)) {
        return aggregation::undefined;
    }
    if (std::isnan(printed)) {
        return std::numeric_limits<double>::infinity();
    }
    return std::abs(printed - gamma) / std::max(changed_gamma, std::abs(gamma) / 20);
}

Evidence judged(std::vector<Weighed> lines, const std::string& what, const std::string& of)
{
    if (lines.empty()) {
        return {};
    }
    const auto all = lines.size();
    std::erase_if(lines, [](const Weighed& line) { return !(line.weight > 1); });
    if (lines.empty()) {
        return {Bite::no,
                fmt::format("{} would change no Γ of these {} runs by more than {} or 5 %.", what, all,
                            changed_gamma),
                {}};
    }
    return {Bite::yes, fmt::format("{} would change Γ of {} of {} runs; {}:", what, lines.size(), all, of),
            shown(std::move(lines))};
}

Evidence clamped_cosines(const aggregation::Audit& audit)
{
    return judged(
        worst_layers(
            audit,
            [](const LayerPitfalls& l) {
                return std::isnan(l.clamped_new) && std::isnan(l.clamped_old)
                           ? aggregation::undefined
                           : std::max(change(l.clamped_old, l.gamma), change(l.clamped_new, l.gamma));
            },
            [](const LayerPitfalls& l) {
                return fmt::format("Γ is {}; cosine_similarity prints {} (PyTorch ≤ 1.11), {} (≥ 1.12)",
                                   cosine(l.gamma), cosine(l.clamped_old), cosine(l.clamped_new));
            }),
        "F.cosine_similarity with its default eps", "the worst layers");
}

Evidence half_precision(const aggregation::Audit& audit)
{
    return judged(worst_layers(
                      audit,
                      [](const LayerPitfalls& l) {
                          return l.fp16_rows_lost > 0 || l.fp16_hidden_overflow > 0
                                     ? 2 + l.fp16_rows_lost + l.fp16_hidden_overflow
                                     : change(l.fp16_gamma, l.gamma);
                      },
                      [](const LayerPitfalls& l) {
                          return fmt::format(
                              "Γ is {}; with g in fp16 {} ({} of its entries lost, {} of samples wholly), "
                              "in bf16 {}; {} of h overflows fp16",
                              cosine(l.gamma), cosine(l.fp16_gamma), percent(l.fp16_entries_lost),
                              percent(l.fp16_rows_lost), cosine(l.bf16_gamma),
                              percent(l.fp16_hidden_overflow));
                      }),
                  "fp16", "the worst layers");
}

/// Was the run trained without feedback matrices, as far as the manifest says: a control of others, or
/// feedback=none?
bool needs_no_matrices(const AuditedRun& run, const aggregation::Audit& audit)
{
    const bool control = std::ranges::any_of(audit.runs, [&](const AuditedRun& other) {
        const auto* name = std::get_if<std::string>(&other.spec.frozen);
        return name != nullptr && *name == run.spec.name;
    });
    return control || run.result->attributes.feedback == "none";
}

struct Matrices {
    std::size_t rules = 0; ///< runs whose credit takes feedback matrices
    std::size_t lost = 0, unverified = 0, undrawn = 0;
    std::vector<Weighed> lines;

    void look_at(const AuditedRun& run, const aggregation::Audit& audit);
    std::string summary() const;
};

void Matrices::look_at(const AuditedRun& run, const aggregation::Audit& audit)
{
    const auto& result = *run.result;
    const auto& gamma = result.strategies.front().gamma;
    const auto fresh = fmt::format("fresh {} ± {} over {} draws", cosine(gamma.fresh_mean),
                                   cosine(gamma.fresh_std), gamma.draws);
    if (!result.has_train && needs_no_matrices(run, audit)) {
        return;
    }
    ++rules;
    undrawn += result.attributes.draws == 0 ? 1 : 0;
    if (!result.has_train) {
        ++lost;
        lines.push_back({3, fmt::format("{}: the training matrices are not known ({}); {}{}", run.spec.name,
                                        result.attributes.train_reason, fresh, mark(result))});
        return;
    }
    const bool open = result.attributes.feedback_verified == "unverified";
    unverified += open ? 1 : 0;
    lines.push_back({open ? 2 : std::min(1.0, std::abs(gamma.train)),
                     fmt::format("{}: Γ is {} with the training matrices ({}, {}), {}, p = {}{}",
                                 run.spec.name, cosine(gamma.train), result.attributes.feedback,
                                 open ? "unverified: no hash recorded" : "their hash recorded", fresh,
                                 number(gamma.p), mark(result))});
}

std::string Matrices::summary() const
{
    auto text = lost > 0 ? fmt::format("The training matrices of {} of {} runs are lost.", lost, rules)
                         : fmt::format("The training matrices of all {} runs with any are at hand.", rules);
    if (unverified > 0) {
        text += fmt::format(" Of {} nothing vouches that they are the training's.", unverified);
    }
    if (undrawn > 0) {
        text += fmt::format(" {} were measured without fresh draws.", undrawn);
    }
    return text + " Say which Bs a Γ belongs to:";
}

Evidence reseeding(const aggregation::Audit& audit)
{
    Matrices matrices;
    for (const auto& run : audit.runs) {
        if (run.result && run.result->attributes.credit != "none" &&
            aggregation::has_feedback(run.result->attributes)) {
            matrices.look_at(run, audit);
        }
    }
    if (matrices.rules == 0) {
        return {};
    }
    const auto bite = matrices.lost > 0                            ? Bite::yes
                      : matrices.unverified + matrices.undrawn > 0 ? Bite::unknown
                                                                   : Bite::no;
    return {bite, matrices.summary(), shown(std::move(matrices.lines))};
}

/// Has the run a Γ_train that means something beside that of fresh draws?
bool says_something(const RunResult& run)
{
    const bool reseeded = aggregation::has_feedback(run.attributes) && run.attributes.draws > 0;
    return run.has_train && (!reseeded || run.p_max_layer <= 0.05);
}

/// Runs that tell, counted and weighed; a weight of 0: it doesn't bite.
template <typename Weigh, typename Say>
Evidence over_runs(const aggregation::Audit& audit, const std::string& what, const Weigh& weigh,
                   const Say& say)
{
    std::vector<Weighed> lines;
    std::size_t told = 0, bitten = 0, with_train = 0;
    for (const auto& run : audit.runs) {
        if (!run.result || run.result->attributes.credit == "none" || !run.result->has_train) {
            continue;
        }
        ++with_train;
        const double weight = says_something(*run.result) ? weigh(*run.result) : aggregation::undefined;
        if (std::isnan(weight)) {
            continue;
        }
        ++told;
        bitten += weight > 0 ? 1 : 0;
        if (weight > 0) {
            lines.push_back({weight, run.spec.name + ": " + say(*run.result) + mark(*run.result)});
        }
    }
    if (with_train == 0) {
        return {};
    }
    return {
        bitten > 0 ? Bite::yes : Bite::no,
        fmt::format("{} in {} of the {} runs whose Γ_train differs from that of fresh draws (or has none).",
                    what, bitten, told),
        shown(std::move(lines))};
}

Evidence aggregations(const aggregation::Audit& audit)
{
    return over_runs(
        audit, fmt::format("The aggregation changes Γ by a factor of {} or more, or its sign,", large_ratio),
        [](const RunResult& run) {
            const auto& spread = run.train_spread;
            if (spread.defined < 2) {
                return aggregation::undefined;
            }
            return spread.sign_flips > 0 ? 1e9 : spread.ratio >= large_ratio ? spread.ratio : 0.0;
        },
        [](const RunResult& run) {
            const auto& spread = run.train_spread;
            return fmt::format("Γ_train is {} to {} over {} strategies, {}", cosine(spread.min),
                               cosine(spread.max), spread.defined,
                               spread.sign_flips > 0 ? fmt::format("{} of the other sign", spread.sign_flips)
                                                     : fmt::format("ratio {:.3g}", spread.ratio));
        });
}

Evidence first_layers(const aggregation::Audit& audit)
{
    return over_runs(
        audit, "Layer 0 has half of Σ|Γ_l| or more (and twice its equal share)",
        [](const RunResult& run) {
            if (std::isnan(run.layer_0_share)) {
                return aggregation::undefined;
            }
            const double equal = 1.0 / static_cast<double>(run.layers.size());
            return run.layer_0_share >= std::max(large_share, 2 * equal) ? run.layer_0_share : 0.0;
        },
        [](const RunResult& run) {
            return fmt::format("layer 0 has {} of Σ|Γ_l| (Γ_0 = {}); over the blocks alone Γ_train is {}",
                               percent(run.layer_0_share), cosine(run.layers.front().gamma.train),
                               cosine(run.blocks_only));
        });
}

} // namespace

Evidence evidence_of(int pitfall, const aggregation::Audit& audit)
{
    switch (pitfall) {
    case 1:
        return minus_one_norms(audit);
    case 2:
        return clamped_cosines(audit);
    case 3:
        return half_precision(audit);
    case 4:
        return reseeding(audit);
    case 5:
        return aggregations(audit);
    default:
        return first_layers(audit);
    }
}

} // namespace fa::reporting
