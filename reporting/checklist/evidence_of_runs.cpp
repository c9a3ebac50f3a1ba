/// Pitfalls 4 to 6: what the numbers of these runs depend on.
#include "reporting/checklist/evidence_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>

namespace fa::reporting {
namespace {

using aggregation::AuditedRun;
using aggregation::RunResult;

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
    const auto fresh = fmt::format("fresh {} ± {} over {} draws", cosine_text(gamma.fresh_mean),
                                   cosine_text(gamma.fresh_std), gamma.draws);
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
                                 run.spec.name, cosine_text(gamma.train), result.attributes.feedback,
                                 open ? "unverified: no hash recorded" : "their hash recorded", fresh,
                                 number_text(gamma.p), mark(result))});
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
    std::size_t told = 0, with_train = 0;
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
        if (weight > 0) {
            lines.push_back({weight, run.spec.name + ": " + say(*run.result) + mark(*run.result)});
        }
    }
    if (with_train == 0) {
        return {};
    }
    const auto share =
        lines.empty() ? fmt::format("none of the {}", told) : fmt::format("{} of the {}", lines.size(), told);
    const auto bite = lines.empty() ? Bite::no : Bite::yes;
    return {bite,
            fmt::format("{} in {} runs whose Γ_train differs from that of fresh draws (or has none).", what,
                        share),
            shown(std::move(lines))};
}

} // namespace

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
            return fmt::format("Γ_train is {} to {} over {} strategies, {}", cosine_text(spread.min),
                               cosine_text(spread.max), spread.defined,
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
                               percent_text(run.layer_0_share), cosine_text(run.layers.front().gamma.train),
                               cosine_text(run.blocks_only));
        });
}

} // namespace fa::reporting
