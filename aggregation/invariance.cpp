#include "aggregation/invariance.hpp"

#include "aggregation/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fa::aggregation {
namespace {

std::string cosine(double value)
{
    return readable(value, Digits::cosine);
}

/// "0.1062 ± 0.0051", "0.1062" without a spread, "–" without a value.
std::string with_spread(double mean, double std)
{
    return std::isnan(std) ? cosine(mean) : cosine(mean) + " ± " + cosine(std);
}

/// The level at which a sentence says that Γ is not invariant.
constexpr double level = 0.05;

std::string answer(double p)
{
    return std::isnan(p) ? "whether Γ survives reseeding can't be said"
           : p <= level  ? "Γ is not invariant to reseeding the feedback"
                         : "Γ can't be told from that of fresh feedback";
}

std::string p_text(double p)
{
    return readable(p, Digits::significant);
}

/// "p = 0.04 (`strategy`); over the layers by the largest |z|, p = 0.5": the latter is the answer's, which is
/// said where the two disagree.
std::string p_of_both(double p, const std::string& strategy, double p_max_layer)
{
    const bool disagree =
        !std::isnan(p) && !std::isnan(p_max_layer) && (p <= level) != (p_max_layer <= level);
    return fmt::format("p = {} (`{}`); over the layers by the largest |z|{}, p = {}", p_text(p), strategy,
                       disagree ? ", by which it is judged" : "", p_text(p_max_layer));
}

std::string reseeding(const RunResult& run)
{
    const auto& first = run.strategies.front();
    if (!run.has_train) {
        return fmt::format(
            "Reseeding: there is no Γ_train ({}); fresh feedback gives {} over {} draws (`{}`).",
            run.attributes.train_reason.empty() ? "unknown" : run.attributes.train_reason,
            with_spread(first.gamma.fresh_mean, first.gamma.fresh_std), first.gamma.draws, first.strategy);
    }
    return fmt::format("Reseeding: {}: trained {}, fresh {} over {} draws, {}.", answer(run.p_max_layer),
                       cosine(first.gamma.train), with_spread(first.gamma.fresh_mean, first.gamma.fresh_std),
                       first.gamma.draws, p_of_both(first.gamma.p, first.strategy, run.p_max_layer));
}

std::string aggregation(const std::string& what, const Spread& spread)
{
    if (spread.defined == 0) {
        return fmt::format("Aggregation ({}): no strategy has a value.", what);
    }
    const std::string ratio = std::isnan(spread.ratio) ? "no ratio (not all of one sign)"
                                                       : fmt::format("ratio {:.3g}", spread.ratio);
    const std::string flips = spread.sign_flips == 0 ? "no sign flip"
                                                     : fmt::format("{} sign flip{}", spread.sign_flips,
                                                                   spread.sign_flips == 1 ? "" : "s");
    return fmt::format("Aggregation ({}): {} to {} over {} strategies, {}, {}.", what, cosine(spread.min),
                       cosine(spread.max), spread.defined, ratio, flips);
}

std::string layer_0(const RunResult& run)
{
    return fmt::format("Layer 0 carries {} of Σ|Γ_l|; over the blocks only Γ_train = {}.",
                       readable(run.layer_0_share, Digits::percent), cosine(run.blocks_only));
}

std::string together(const Specification& test)
{
    return fmt::format(
        "The {} strategies together: median {} (p = {}), {} of one sign (p = {}), {} beyond their own "
        "95 % range of draws (p = {}; specification curve, {} draws).",
        test.strategies, cosine(test.median.value), p_text(test.median.p),
        readable(test.one_sign.value, Digits::percent), p_text(test.one_sign.p),
        readable(test.beyond.value, Digits::percent), p_text(test.beyond.p), test.draws);
}

std::string reseeding(const Group& group)
{
    const auto& first = group.strategies.front();
    if (first.fresh.n == 0) {
        return "Reseeding: no run has fresh draws (the rule has no feedback matrices, or none were asked "
               "for): "
               "there is nothing to compare Γ_train with.";
    }
    const auto fresh =
        fmt::format("{} (n = {})", with_spread(first.fresh.mean, first.fresh.std), first.fresh.n);
    if (first.train.n == 0) {
        return fmt::format("Reseeding: no run has a Γ_train; fresh feedback gives {} (`{}`).", fresh,
                           first.strategy);
    }
    return fmt::format("Reseeding: {}: trained {} (n = {}), fresh {}, {}.", answer(group.p_max_layer),
                       with_spread(first.train.mean, first.train.std), first.train.n, fresh,
                       p_of_both(first.p, first.strategy, group.p_max_layer));
}

/// Of the strategies' means over the seeds: `gamma` is train or fresh.
Spread spread_over(const Group& group, AcrossSeeds GroupStrategy::* gamma)
{
    std::vector<double> means;
    for (const auto& strategy : group.strategies) {
        means.push_back((strategy.*gamma).mean);
    }
    return spread_of(means);
}

/// The choice that moves Γ_train most, if any is known.
std::string largest_choice(const Group& group)
{
    const GroupChoice* largest = nullptr;
    for (const auto& choice : group.choices) {
        if (!std::isnan(choice.train.mean) &&
            (largest == nullptr || std::abs(choice.train.mean) > std::abs(largest->train.mean))) {
            largest = &choice;
        }
    }
    if (largest == nullptr) {
        return "";
    }
    return fmt::format("The choice that changes Γ_train most: {}, from {} to {}: {} (n = {}{}).",
                       largest->contrast.dimension, largest->contrast.from, largest->contrast.to,
                       with_spread(largest->train.mean, largest->train.std), largest->train.n,
                       std::isnan(largest->p) ? "" : ", p = " + p_text(largest->p));
}

std::string layer_0(const Group& group)
{
    std::vector<double> means;
    for (const auto& layer : group.layers) {
        means.push_back(layer.train.mean);
    }
    const double share = means.empty() ? undefined : share_of_first(means);
    return std::isnan(share) ? ""
                             : fmt::format("Layer 0 carries {} of Σ|Γ_l| (means over {} seeds).",
                                           readable(share, Digits::percent), group.layers.front().train.n);
}

std::string largest_source(const GammaVariance& variance)
{
    if (variance.layers.empty() || variance.layers.front().decomposition.sources.empty()) {
        return "";
    }
    const auto& sources = variance.layers.front().decomposition.sources;
    const auto of_one = std::max_element(sources.begin(), sources.end(),
                                         [](const Source& a, const Source& b) { return a.share < b.share; });
    const auto of_mean =
        std::max_element(sources.begin(), sources.end(),
                         [](const Source& a, const Source& b) { return a.mean_share < b.mean_share; });
    if (std::isnan(of_one->share)) {
        return "";
    }
    return fmt::format(
        "Spread of Γ_train: {} of the variance of one sample's Γ is {} ({} to {}); of the variance of "
        "the mean over all samples and seeds, {} is {}.",
        readable(of_one->share, Digits::percent), of_one->name,
        readable(of_one->interval.low, Digits::percent), readable(of_one->interval.high, Digits::percent),
        readable(of_mean->mean_share, Digits::percent), of_mean->name);
}

void add(std::vector<std::string>& sentences, std::string sentence)
{
    if (!sentence.empty()) {
        sentences.push_back(std::move(sentence));
    }
}

} // namespace

std::vector<std::string> invariance(const RunResult& run)
{
    std::vector<std::string> sentences;
    if (run.attributes.draws > 0 && !run.strategies.empty()) {
        sentences.push_back(reseeding(run));
    }
    if (!std::isnan(run.specification.median.p)) {
        sentences.push_back(together(run.specification));
    }
    if (run.has_train) {
        sentences.push_back(aggregation("Γ_train", run.train_spread));
    }
    if (run.attributes.draws > 0) {
        sentences.push_back(aggregation("fresh means", run.fresh_spread));
    }
    if (run.has_train) {
        sentences.push_back(layer_0(run));
    }
    return sentences;
}

std::vector<std::string> invariance(const Group& group, const GroupVariance& variance)
{
    std::vector<std::string> sentences;
    if (group.n < 2 || group.strategies.empty()) {
        return sentences;
    }
    const auto& first = group.strategies.front();
    if (first.train.n + first.fresh.n == 0) {
        return sentences;
    }
    if (group.not_interpretable > 0) {
        sentences.push_back(
            fmt::format("Γ is not interpretable in {} of {} runs. The numbers are printed, but where (a) or "
                        "(b) fired they don't measure credit assignment.",
                        group.not_interpretable, group.n));
    }
    sentences.push_back(reseeding(group));
    const bool has_train = first.train.n > 0;
    sentences.push_back(
        aggregation(fmt::format("{}, means over {} seeds", has_train ? "Γ_train" : "fresh",
                                has_train ? first.train.n : first.fresh.n),
                    spread_over(group, has_train ? &GroupStrategy::train : &GroupStrategy::fresh)));
    add(sentences, largest_choice(group));
    add(sentences, layer_0(group));
    add(sentences, largest_source(variance.train));
    return sentences;
}

} // namespace fa::aggregation
