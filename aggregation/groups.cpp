#include "aggregation/groups.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::aggregation {
namespace {

constexpr std::size_t few_seeds = 3; ///< n up to which an interval over seeds can't mean much

template <typename Value>
AcrossSeeds over_runs(std::span<const RunResult* const> runs, Value value)
{
    std::vector<double> values;
    for (const auto* run : runs) {
        values.push_back(value(*run));
    }
    return across_seeds(values);
}

template <typename Member>
BootstrapInterval interval(std::span<const RunReplicates> replicates, Member member, std::size_t strategy)
{
    std::vector<Replicates> runs;
    for (const auto& run : replicates) {
        const auto& values = run.*member;
        if (strategy < values.size() && !values[strategy].empty()) {
            runs.push_back(values[strategy]);
        }
    }
    return over_seeds(runs);
}

std::vector<GroupStrategy> group_strategies(std::span<const RunResult* const> runs,
                                            std::span<const RunReplicates> replicates)
{
    std::vector<GroupStrategy> strategies;
    for (std::size_t i = 0; i < runs.front()->strategies.size(); ++i) {
        GroupStrategy one;
        one.strategy = runs.front()->strategies[i].strategy;
        one.train = over_runs(runs, [&](const RunResult& run) { return run.strategies[i].gamma.train; });
        one.fresh = over_runs(runs, [&](const RunResult& run) { return run.strategies[i].gamma.fresh_mean; });
        if (one.train.n > 1) {
            one.train_interval = interval(replicates, &RunReplicates::train, i);
        }
        if (one.fresh.n > 1) {
            one.fresh_interval = interval(replicates, &RunReplicates::fresh, i);
        }
        strategies.push_back(std::move(one));
    }
    return strategies;
}

std::vector<GroupLayer> group_layers(std::span<const RunResult* const> runs)
{
    const auto depth = runs.front()->layers.size();
    if (std::any_of(runs.begin(), runs.end(), [&](const auto* run) { return run->layers.size() != depth; })) {
        return {};
    }
    std::vector<GroupLayer> layers(depth);
    for (std::size_t l = 0; l < depth; ++l) {
        auto& layer = layers[l];
        layer.train = over_runs(runs, [&](const auto& run) { return run.layers[l].gamma.train; });
        layer.fresh = over_runs(runs, [&](const auto& run) { return run.layers[l].gamma.fresh_mean; });
        layer.hidden_norm =
            over_runs(runs, [&](const auto& run) { return run.verdict.scale.hidden_norm[l]; });
        layer.gradient_norm =
            over_runs(runs, [&](const auto& run) { return run.verdict.floor.gradient_norm[l]; });
        layer.stability = over_runs(runs, [&](const auto& run) { return run.verdict.drift.layers[l].value; });
    }
    return layers;
}

/// Common random numbers need equal shapes and the same key of the draws.
bool draws_are_common(const RunResult& run, const RunResult& other)
{
    const auto& a = run.attributes;
    const auto& b = other.attributes;
    return a.draws == b.draws && a.draw_seed == b.draw_seed && a.width == b.width && a.classes == b.classes &&
           a.feedback_distribution == b.feedback_distribution && a.feedback_shared == b.feedback_shared;
}

/// Runs without fresh draws (credit=none) have none to differ in.
bool has_draws(const RunResult* run)
{
    return run->attributes.draws > 0;
}

bool batches_are_common(const RunResult& run, const RunResult& other)
{
    const auto& a = run.attributes;
    const auto& b = other.attributes;
    return a.batches == b.batches && a.batch_size == b.batch_size && a.eval_seed == b.eval_seed &&
           a.data_sha256 == b.data_sha256;
}

std::vector<std::string> warnings_of(const Group& group, std::span<const RunResult* const> runs)
{
    std::vector<std::string> warnings;
    if (group.n == 1) {
        warnings.push_back("n = 1: one seed says nothing about the spread over seeds");
    } else if (group.n <= few_seeds) {
        warnings.push_back(fmt::format("n = {}: with so few seeds the standard deviation is a rough guess "
                                       "and the bootstrap interval is too narrow",
                                       group.n));
    }
    if (group.not_interpretable > 0) {
        warnings.push_back(fmt::format("in {} of {} runs Γ isn't interpretable: (a) or (b) fired",
                                       group.not_interpretable, group.n));
    }
    const auto all = [&](auto common) {
        return std::all_of(runs.begin(), runs.end(),
                           [&](const auto* run) { return common(*runs.front(), *run); });
    };
    const auto drawn = std::find_if(runs.begin(), runs.end(), has_draws);
    if (!std::all_of(runs.begin(), runs.end(),
                     [&](const auto* run) { return !has_draws(run) || draws_are_common(**drawn, *run); })) {
        warnings.push_back(
            "the runs' fresh draws aren't common (another number, seed, shape, sharing or distribution)");
    }
    if (group.n > 1 && !all(batches_are_common)) {
        warnings.push_back(
            "the runs' evaluation batches aren't common (another data set, seed, number or size)");
    }
    return warnings;
}

} // namespace

AcrossSeeds across_seeds(std::span<const double> values)
{
    return {static_cast<std::size_t>(count_defined(values)), mean(values), standard_deviation(values)};
}

std::string group_name(const jobs::RunSpec& run, const std::string& architecture)
{
    if (!run.group.empty()) {
        return run.group;
    }
    const bool both = !run.method.empty() && !architecture.empty();
    return run.method + (both ? " " : "") + architecture;
}

Group make_group(const std::string& name, std::span<const RunResult* const> runs,
                 std::span<const RunReplicates> replicates)
{
    Group group;
    group.name = name;
    group.n = runs.size();
    for (const auto* run : runs) {
        group.runs.push_back(run->attributes.name);
        group.not_interpretable += run->verdict.gamma_is_interpretable() ? 0 : 1;
    }
    group.strategies = group_strategies(runs, replicates);
    group.layers = group_layers(runs);
    group.warnings = warnings_of(group, runs);
    return group;
}

} // namespace fa::aggregation
