#include "aggregation/groups.hpp"

#include "aggregation/common_factors.hpp"
#include "aggregation/group_warnings.hpp"
#include "aggregation/t_interval.hpp"

#include <algorithm>
#include <cmath>

namespace fa::aggregation {
namespace {

using Runs = std::span<const RunResult* const>;
/// A number of each run at each fresh draw, [n][R].
using Draws = std::vector<std::vector<double>>;

template <typename Value>
AcrossSeeds over_runs(Runs runs, Value value)
{
    std::vector<double> values;
    for (const auto* run : runs) {
        values.push_back(value(*run));
    }
    return across_seeds(values);
}

/// @param replicates_of  the replicates of one run's number; empty where it has none
template <typename ReplicatesOf>
void add_interval(AcrossSeeds& number, std::span<const RunValues> values, ReplicatesOf replicates_of)
{
    std::vector<Replicates> runs;
    for (const auto& run : values) {
        if (auto replicates = replicates_of(run); !replicates.empty()) {
            runs.push_back(std::move(replicates));
        }
    }
    if (number.n > 1 && runs.size() > 1) {
        number.interval = interval_of(over_seeds(runs));
    }
}

Replicates of_strategy(const std::vector<Replicates>& replicates, std::size_t strategy)
{
    return strategy < replicates.size() ? replicates[strategy] : Replicates{};
}

/// Runs that have a trained value, with what they give at the draws: those that make up a mean Γ_train.
template <typename Train, typename AtDraws>
double p_of_mean(Runs runs, std::span<const RunValues> values, Train train, AtDraws at_draws)
{
    std::vector<double> trained;
    Draws draws;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (const double value = train(*runs[i]); !std::isnan(value)) {
            trained.push_back(value);
            draws.push_back(at_draws(values[i]));
        }
    }
    return p_value(mean(trained), group_draws(draws, feedback_is_common(runs)));
}

std::vector<GroupStrategy> group_strategies(Runs runs, std::span<const RunValues> values)
{
    std::vector<GroupStrategy> strategies;
    for (std::size_t i = 0; i < runs.front()->strategies.size(); ++i) {
        const auto trained = [&](const RunResult& run) { return run.strategies[i].gamma.train; };
        GroupStrategy one;
        one.strategy = runs.front()->strategies[i].strategy;
        one.train = over_runs(runs, trained);
        one.fresh = over_runs(runs, [&](const RunResult& run) { return run.strategies[i].gamma.fresh_mean; });
        add_interval(one.train, values, [&](const RunValues& run) { return of_strategy(run.train, i); });
        add_interval(one.fresh, values, [&](const RunValues& run) { return of_strategy(run.fresh, i); });
        one.p = p_of_mean(runs, values, trained, [&](const RunValues& run) { return run.strategy_draws[i]; });
        strategies.push_back(std::move(one));
    }
    return strategies;
}

bool have_one_depth(Runs runs)
{
    return std::all_of(runs.begin(), runs.end(),
                       [&](const auto* run) { return run->layers.size() == runs.front()->layers.size(); });
}

std::vector<GroupLayer> group_layers(Runs runs, std::span<const RunValues> values)
{
    if (!have_one_depth(runs)) {
        return {};
    }
    std::vector<GroupLayer> layers(runs.front()->layers.size());
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const auto trained = [&](const RunResult& run) { return run.layers[l].gamma.train; };
        auto& layer = layers[l];
        layer.train = over_runs(runs, trained);
        layer.fresh = over_runs(runs, [&](const auto& run) { return run.layers[l].gamma.fresh_mean; });
        layer.p = p_of_mean(runs, values, trained, [&](const RunValues& run) { return run.layer_draws[l]; });
        layer.hidden_norm =
            over_runs(runs, [&](const auto& run) { return run.verdict.scale.hidden_norm[l]; });
        layer.gradient_norm =
            over_runs(runs, [&](const auto& run) { return run.verdict.floor.gradient_norm[l]; });
        layer.stability = over_runs(runs, [&](const auto& run) { return run.verdict.drift.layers[l].value; });
    }
    return layers;
}

/// Over the runs that have a Γ_train in some layer.
double p_over_layers(Runs runs, std::span<const RunValues> values)
{
    if (!have_one_depth(runs)) {
        return undefined;
    }
    std::vector<double> means;
    Draws draws;
    for (std::size_t l = 0; l < runs.front()->layers.size(); ++l) {
        std::vector<double> trained;
        Draws of_runs;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (runs[i]->has_train) {
                trained.push_back(runs[i]->layers[l].gamma.train);
                of_runs.push_back(values[i].layer_draws[l]);
            }
        }
        means.push_back(mean(trained));
        draws.push_back(group_draws(of_runs, feedback_is_common(runs)));
    }
    return p_value_of_largest_z(means, draws);
}

template <typename Value>
std::vector<double> strategy_values(const RunResult& run, Value value)
{
    std::vector<double> values;
    for (const auto& strategy : run.strategies) {
        values.push_back(value(strategy.gamma));
    }
    return values;
}

double trained(const Compared& gamma)
{
    return gamma.train;
}

double mean_of_fresh(const Compared& gamma)
{
    return gamma.fresh_mean;
}

/// The effect in each replicate, or at each draw.
std::vector<double> effects(const Contrast& contrast, const std::vector<std::vector<double>>& strategies)
{
    std::vector<double> result;
    const auto has_none = [](const auto& values) { return values.empty(); };
    if (strategies.empty() || std::any_of(strategies.begin(), strategies.end(), has_none)) {
        return result;
    }
    std::vector<double> at_one(strategies.size());
    for (std::size_t i = 0; i < strategies.front().size(); ++i) {
        std::transform(strategies.begin(), strategies.end(), at_one.begin(),
                       [&](const auto& values) { return values[i]; });
        result.push_back(effect_of(contrast, at_one));
    }
    return result;
}

GroupChoice group_choice(const Contrast& contrast, Runs runs, std::span<const RunValues> values)
{
    const auto train_effect = [&](const RunResult& run) {
        return effect_of(contrast, strategy_values(run, trained));
    };
    GroupChoice choice;
    choice.contrast = contrast;
    choice.train = over_runs(runs, train_effect);
    choice.fresh = over_runs(
        runs, [&](const RunResult& run) { return effect_of(contrast, strategy_values(run, mean_of_fresh)); });
    add_interval(choice.train, values, [&](const RunValues& run) { return effects(contrast, run.train); });
    add_interval(choice.fresh, values, [&](const RunValues& run) { return effects(contrast, run.fresh); });
    choice.p = p_of_mean(runs, values, train_effect,
                         [&](const RunValues& run) { return effects(contrast, run.strategy_draws); });
    std::vector<double> changes;
    for (const auto* run : runs) {
        for (const auto& [from, to] : contrast.pairs) {
            changes.push_back(run->strategies[to].gamma.train - run->strategies[from].gamma.train);
        }
    }
    choice.min = quantile(changes, 0.0);
    choice.max = quantile(changes, 1.0);
    return choice;
}

} // namespace

AcrossSeeds across_seeds(std::span<const double> values)
{
    AcrossSeeds number;
    number.n = static_cast<std::size_t>(count_defined(values));
    number.mean = mean(values);
    number.std = standard_deviation(values);
    if (number.n <= few_for_bootstrap) {
        number.t = t_interval(values);
    }
    return number;
}

std::string group_name(const jobs::RunSpec& run, const std::string& architecture)
{
    if (!run.group.empty()) {
        return run.group;
    }
    const bool both = !run.method.empty() && !architecture.empty();
    return run.method + (both ? " " : "") + architecture;
}

bool feedback_is_common(Runs runs)
{
    const auto& hash = runs.front()->attributes.feedback_sha256;
    return !hash.empty() && std::all_of(runs.begin(), runs.end(), [&](const auto* run) {
        return run->attributes.feedback_sha256 == hash;
    });
}

std::vector<double> group_draws(std::span<const std::vector<double>> runs, bool common)
{
    std::vector<double> means;
    const auto draws = runs.empty() ? 0 : runs.front().size();
    if (std::any_of(runs.begin(), runs.end(), [&](const auto& run) { return run.size() != draws; })) {
        return means;
    }
    const auto step = common ? 0 : draws / std::max<std::size_t>(runs.size(), 1);
    for (std::size_t draw = 0; draw < draws; ++draw) {
        double sum = 0; // NaN where a run's is: such draws leave R
        for (std::size_t i = 0; i < runs.size(); ++i) {
            sum += runs[i][(draw + i * step) % draws];
        }
        means.push_back(sum / static_cast<double>(runs.size()));
    }
    return means;
}

Group make_group(const std::string& name, Runs runs, std::span<const RunValues> values,
                 std::span<const Strategy> strategies)
{
    Group group;
    group.name = name;
    group.n = runs.size();
    for (const auto* run : runs) {
        group.runs.push_back(run->attributes.name);
        group.not_interpretable += run->verdict.gamma_is_interpretable() ? 0 : 1;
    }
    group.strategies = group_strategies(runs, values);
    group.layers = group_layers(runs, values);
    group.p_max_layer = p_over_layers(runs, values);
    for (const auto& contrast : contrasts_of(strategies)) {
        group.choices.push_back(group_choice(contrast, runs, values));
    }
    group.warnings = group_warnings(runs);
    return group;
}

} // namespace fa::aggregation
