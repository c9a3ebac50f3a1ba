#include "aggregation/run_result.hpp"

#include "aggregation/fresh_values.hpp"
#include "aggregation/join.hpp"
#include "aggregation/strategy_cache.hpp"
#include "aggregation/train_gamma.hpp"
#include "jobs/run_spec.hpp"
#include "store/error.hpp"
#include "store/schema.hpp"

#include <algorithm>
#include <stdexcept>

namespace fa::aggregation {
namespace {

/// Everything below trusts the attributes for sizes: a foreign or damaged file is found here.
void check_shapes(const store::RunReader& run)
{
    for (const auto& definition : store::run_datasets()) {
        if (run.has(definition.name) &&
            run.shape(definition.name) != store::shape_of(definition, run.attributes())) {
            throw store::StoreError("run '" + run.attributes().name + "': dataset '" +
                                    std::string(definition.name) +
                                    "' doesn't have the shape that the file's attributes say");
        }
    }
}

verdict::Verdict judge_run(const store::RunReader& run, const RunQuestion& question)
{
    const auto& attributes = run.attributes();
    const auto hidden = run.read<double>("norms/hidden");
    const auto gradient = run.read<double>("norms/gradient");
    const auto error = run.read<double>("norms/error");
    const auto direction = run.read<double>("direction/cosine");
    std::vector<std::uint8_t> correct;
    if (run.has("accuracy/correct")) {
        correct = run.read<std::uint8_t>("accuracy/correct");
    }
    verdict::RunMeasurements measured;
    measured.layers = static_cast<std::size_t>(attributes.layers());
    measured.batches = static_cast<std::size_t>(attributes.batches);
    measured.batch_size = static_cast<std::size_t>(attributes.batch_size);
    measured.hidden_norm = hidden;
    measured.gradient_norm = gradient;
    measured.error_norm = error;
    measured.direction_cosine = direction;
    measured.correct = correct;
    try {
        return verdict::judge(measured, question.control, question.headline, question.thresholds);
    } catch (const std::invalid_argument& error_of_sizes) {
        throw store::StoreError("run '" + attributes.name + "': " + error_of_sizes.what());
    }
}

std::vector<double> layer_means(const std::vector<double>& table, std::size_t layers)
{
    std::vector<double> means(layers, undefined);
    for (std::size_t layer = 0; !table.empty() && layer < layers; ++layer) {
        means[layer] = mean(column(table, layers, layer));
    }
    return means;
}

/// Per layer, how many of the fresh Γ are undefined: those that the histogram doesn't count.
std::vector<std::int64_t> undefined_fresh(const store::RunReader& run, std::size_t layers)
{
    std::vector<std::int64_t> missing(layers, 0);
    if (!run.has("gamma/fresh_histogram")) {
        return missing;
    }
    const auto counts = run.read<std::uint64_t>("gamma/fresh_histogram");
    const auto bins = counts.size() / layers;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        std::int64_t defined = 0;
        for (std::size_t bin = 0; bin < bins; ++bin) {
            defined += static_cast<std::int64_t>(counts[layer * bins + bin]);
        }
        missing[layer] = run.attributes().draws * run.attributes().samples() - defined;
    }
    return missing;
}

std::vector<LayerResult> layer_results(const store::RunReader& run, const TrainGamma& train,
                                       const FreshValues& fresh)
{
    const auto layers = static_cast<std::size_t>(run.attributes().layers());
    const auto means = layer_means(train.samples, layers);
    const auto not_counted = undefined_fresh(run, layers);
    std::vector<LayerResult> results(layers);
    for (std::size_t layer = 0; layer < layers; ++layer) {
        results[layer].gamma = compare(means[layer], fresh.layers[layer]);
        results[layer].undefined_fresh = not_counted[layer];
        if (train.exists()) {
            const auto values = column(train.samples, layers, layer);
            results[layer].undefined_train = static_cast<std::int64_t>(values.size()) - count_defined(values);
        }
    }
    return results;
}

std::string reason_of(const StrategyResult& result, const RunResult& run, bool computable)
{
    std::string reason;
    const auto add = [&](const std::string& sentence) { add_word(reason, "; ", sentence); };
    if (!run.has_train && run.attributes.draws > 0) {
        add("no Γ_train: " + run.attributes.train_reason);
    } else if (run.has_train && count_defined(std::span(&result.gamma.train, 1)) == 0) {
        add("Γ_train is undefined: a layer (or all it starts from) has no defined value");
    }
    if (run.attributes.draws == 0) {
        add(run.attributes.credit == "none" ? "credit=none: no Γ"
            : has_feedback(run.attributes)
                ? "no fresh draws"
                : "no Γ_fresh: credit=" + run.attributes.credit + " has no feedback matrices");
    } else if (!computable) {
        add("Γ_fresh needs the samples, which --keep batches left out");
    } else if (result.gamma.undefined_draws == result.gamma.draws) {
        add("Γ_fresh is undefined in every draw");
    }
    return reason;
}

void add_strategies(RunResult& result, std::span<const Strategy> strategies, const TrainGamma& train,
                    const FreshValues& fresh)
{
    std::vector<double> train_values, fresh_means;
    for (std::size_t i = 0; i < strategies.size(); ++i) {
        StrategyResult one;
        one.strategy = strategies[i].text();
        const double value = train.exists() ? strategies[i](train.view()) : undefined;
        one.gamma = compare(value, fresh.strategies[i]);
        one.undefined_train = train.exists() ? strategies[i].undefined_values(train.view()) : 0;
        one.reason = reason_of(one, result, fresh.computable[i]);
        train_values.push_back(one.gamma.train);
        fresh_means.push_back(one.gamma.fresh_mean);
        result.strategies.push_back(std::move(one));
    }
    result.specification = specification_of(train_values, fresh.strategies);
    result.train_spread = spread_of(train_values);
    result.fresh_spread = spread_of(fresh_means);
}

void add_layer_statistics(RunResult& result, const TrainGamma& train, const FreshValues& fresh)
{
    std::vector<double> means;
    for (const auto& layer : result.layers) {
        means.push_back(layer.gamma.train);
    }
    result.layer_0_share = share_of_first(means);
    result.p_max_layer = p_value_of_largest_z(means, fresh.layers);
    if (train.exists()) {
        result.blocks_only = Strategy("pooled=mean,blocks=mean")(train.view());
    }
}

Pitfalls pitfalls_of(const store::RunReader& run, const RunResult& result, const TrainGamma& train,
                     const FreshValues& fresh)
{
    std::vector<double> gamma;
    for (std::size_t layer = 0; layer < result.layers.size(); ++layer) {
        const bool first_draw = !train.exists() && !fresh.layers[layer].empty();
        gamma.push_back(first_draw ? fresh.layers[layer].front() : result.layers[layer].gamma.train);
    }
    return read_pitfalls(run, gamma, layer_means(train.centered, result.layers.size()),
                         result.verdict.floor.gradient_norm);
}

/// Takes the draws' values.
RunValues values_for_groups(const RunQuestion& question, const TrainGamma& train, FreshValues fresh)
{
    RunValues values;
    if (question.replicates > 0) {
        values.train.resize(question.strategies.size());
        if (train.exists()) {
            values.train = over_batches(question.strategies, train.view(), question.replicates);
        }
    }
    values.strategy_draws = std::move(fresh.strategies);
    values.layer_draws = std::move(fresh.layers);
    return values;
}

} // namespace

bool has_feedback(const store::RunAttributes& run)
{
    try {
        return jobs::has_feedback(jobs::credit_from(run.credit));
    } catch (const std::invalid_argument&) {
        throw store::StoreError("run '" + run.name + "': its credit '" + run.credit + "' is not known");
    }
}

RunAnswer measure_run(const std::filesystem::path& store, const store::RunReader& run,
                      const RunQuestion& question)
{
    RunAnswer answer;
    auto& result = answer.result;
    check_shapes(run);
    result.attributes = run.attributes();
    result.verdict = judge_run(run, question);

    const auto train = read_train_gamma(run);
    auto fresh = fresh_values(run, question.strategies, read_cache(store, result.attributes.digest));
    if (!fresh.computed.empty() && question.cache == CacheUse::update) {
        write_cache(store, result.attributes.digest, fresh.computed);
    }
    result.has_train = train.exists();
    result.layers = layer_results(run, train, fresh);
    add_strategies(result, question.strategies, train, fresh);
    add_layer_statistics(result, train, fresh);
    result.pitfalls = pitfalls_of(run, result, train, fresh);
    answer.values = values_for_groups(question, train, std::move(fresh));
    return answer;
}

} // namespace fa::aggregation
