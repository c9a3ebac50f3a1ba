/// Pitfalls 1 to 3: what a user's code would have printed of these networks.
#include "reporting/checklist/evidence_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace fa::reporting {
namespace {

using aggregation::LayerPitfalls;

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

} // namespace

Evidence minus_one_norms(const aggregation::Audit& audit)
{
    auto lines = worst_layers(
        audit, [](const LayerPitfalls& l) { return std::abs(std::log(l.norm_minus_one / l.gradient_norm)); },
        [](const LayerPitfalls& l) {
            return fmt::format("the median ‖g‖ is {}, `.norm(-1)` of a batch's gradients gives {}",
                               number_text(l.gradient_norm), number_text(l.norm_minus_one));
        });
    if (lines.empty()) {
        return {};
    }
    return {Bite::yes, "What `.norm(-1)` would print instead of ‖g‖:", shown(std::move(lines))};
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
                                   cosine_text(l.gamma), cosine_text(l.clamped_old),
                                   cosine_text(l.clamped_new));
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
                              cosine_text(l.gamma), cosine_text(l.fp16_gamma),
                              percent_text(l.fp16_entries_lost), percent_text(l.fp16_rows_lost),
                              cosine_text(l.bf16_gamma), percent_text(l.fp16_hidden_overflow));
                      }),
                  "fp16", "the worst layers");
}

} // namespace fa::reporting
