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

std::string reseeding(const RunResult& run)
{
    const auto& first = run.strategies.front();
    if (!run.has_train) {
        return fmt::format(
            "Reseeding: there is no Γ_train ({}); fresh feedback gives {} over {} draws (`{}`).",
            run.attributes.train_reason.empty() ? "unknown" : run.attributes.train_reason,
            with_spread(first.gamma.fresh_mean, first.gamma.fresh_std), first.gamma.draws, first.strategy);
    }
    return fmt::format(
        "Reseeding: {}: trained {}, fresh {} over {} draws, p = {} (`{}`); over the layers by the "
        "largest |z|, p = {}.",
        answer(run.p_max_layer), cosine(first.gamma.train),
        with_spread(first.gamma.fresh_mean, first.gamma.fresh_std), first.gamma.draws, p_text(first.gamma.p),
        first.strategy, p_text(run.p_max_layer));
}

std::string aggregation(const char* what, const Spread& spread)
{
    if (spread.defined == 0) {
        return fmt::format("Aggregation ({}): no strategy has a value.", what);
    }
    const std::string ratio = std::isnan(spread.ratio) ? "no ratio (not all of one sign)"
                                                       : fmt::format("ratio {:.3g}", spread.ratio);
    const std::string flips =
        spread.sign_flips == 0 ? "no sign flip" : fmt::format("{} sign flips", spread.sign_flips);
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
    return fmt::format(
        "Reseeding: {}: trained {} (n = {}), fresh {} (n = {}), p = {} (`{}`); over the layers by "
        "the largest |z|, p = {}.",
        answer(group.p_max_layer), with_spread(first.train.mean, first.train.std), first.train.n,
        with_spread(first.fresh.mean, first.fresh.std), first.fresh.n, p_text(first.p), first.strategy,
        p_text(group.p_max_layer));
}

Spread spread_over(const Group& group)
{
    std::vector<double> means;
    for (const auto& strategy : group.strategies) {
        means.push_back(strategy.train.mean);
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
    return fmt::format("The choice that changes Γ_train most: {}, from {} to {}: {} (n = {}, p = {}).",
                       largest->contrast.dimension, largest->contrast.from, largest->contrast.to,
                       with_spread(largest->train.mean, largest->train.std), largest->train.n,
                       p_text(largest->p));
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
    if (group.n < 2 || group.strategies.empty() || group.strategies.front().train.n == 0) {
        return sentences;
    }
    if (group.strategies.front().fresh.n > 0) {
        sentences.push_back(reseeding(group));
    }
    sentences.push_back(
        aggregation(fmt::format("Γ_train, means over {} seeds", group.strategies.front().train.n).c_str(),
                    spread_over(group)));
    add(sentences, largest_choice(group));
    add(sentences, layer_0(group));
    add(sentences, largest_source(variance.train));
    return sentences;
}

} // namespace fa::aggregation
