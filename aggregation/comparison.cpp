#include "aggregation/comparison.hpp"

#include "aggregation/common_factors.hpp"
#include "aggregation/pairing.hpp"
#include "aggregation/permutation.hpp"
#include "aggregation/t_interval.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace fa::aggregation {
namespace {

using Value = std::function<double(const RunResult&)>;

/// What is compared: Γ_train, or the fresh means.
struct Source {
    const char* name;
    double Compared::* value;
    std::vector<Replicates> GroupMember::* replicates;
    bool (*is_there)(const RunResult&);
    bool (*is_common)(const store::RunAttributes&, const store::RunAttributes&);
    const char* not_common;
};

constexpr Source train_source{"train",
                              &Compared::train,
                              &GroupMember::train,
                              [](const RunResult& run) { return run.has_train; },
                              batches_are_common,
                              "the evaluation batches aren't common"};
constexpr Source fresh_source{"fresh",
                              &Compared::fresh_mean,
                              &GroupMember::fresh,
                              [](const RunResult& run) { return run.attributes.draws > 0; },
                              draws_are_common,
                              "the fresh draws aren't common"};

Members members_with(const ComparedGroup& group, const Source& source)
{
    Members members;
    for (const auto& member : group.members) {
        if (source.is_there(*member.result)) {
            members.push_back(&member);
        }
    }
    return members;
}

std::vector<double> values_of(const Members& members, const Value& value)
{
    std::vector<double> values;
    for (const auto* member : members) {
        values.push_back(value(*member->result));
    }
    return values;
}

std::vector<double> differences_of(const Matched& matched, const Value& value)
{
    auto first = values_of(matched.first, value);
    const auto second = values_of(matched.second, value);
    std::transform(first.begin(), first.end(), second.begin(), first.begin(), std::minus<>());
    return first;
}

/// Difference, its spread, Student's interval and p of one number.
Comparison compare_values(const Matched& matched, const Value& value)
{
    Comparison result;
    result.paired = matched.paired;
    if (matched.paired) {
        const auto differences = defined_values(differences_of(matched, value));
        result.n = result.n_other = differences.size();
        result.difference = mean(differences);
        result.std = standard_deviation(differences);
        result.t = t_interval(differences);
        const auto test = turn_signs(std::span(&differences, 1));
        result.p = test.p.front();
        result.p_smallest = test.smallest;
        return result;
    }
    const auto first = defined_values(values_of(matched.first, value));
    const auto second = defined_values(values_of(matched.second, value));
    result.n = first.size();
    result.n_other = second.size();
    result.difference = mean(first) - mean(second);
    result.t = welch_interval(first, second);
    const auto test = exchange_labels(std::span(&first, 1), std::span(&second, 1));
    result.p = test.p.front();
    result.p_smallest = test.smallest;
    return result;
}

double p_over(const Matched& matched, const std::vector<Value>& layers)
{
    std::vector<std::vector<double>> first, second;
    for (const auto& layer : layers) {
        if (matched.paired) {
            first.push_back(differences_of(matched, layer));
        } else {
            first.push_back(values_of(matched.first, layer));
            second.push_back(values_of(matched.second, layer));
        }
    }
    return matched.paired ? turn_signs(first).p_largest : exchange_labels(first, second).p_largest;
}

/// The replicates of one strategy; those of pairs are differences.
std::vector<Replicates> replicates_of(const Members& members, const Source& source, std::size_t strategy)
{
    std::vector<Replicates> replicates;
    for (const auto* member : members) {
        const auto& own = member->*source.replicates;
        if (strategy < own.size() && !own[strategy].empty()) {
            replicates.push_back(own[strategy]);
        }
    }
    return replicates;
}

Replicates difference_of(Replicates first, const Replicates& second)
{
    first.resize(std::min(first.size(), second.size()));
    std::transform(first.begin(), first.end(), second.begin(), first.begin(), std::minus<>());
    return first;
}

void add_interval(Comparison& comparison, const Matched& matched, const Source& source, std::size_t strategy)
{
    auto first = replicates_of(matched.first, source, strategy);
    const auto second = replicates_of(matched.second, source, strategy);
    if (first.size() != matched.first.size() || second.size() != matched.second.size()) {
        return; // no bootstrap was asked for, or groups of one run
    }
    Replicates means;
    if (matched.paired) {
        for (std::size_t i = 0; i < first.size(); ++i) {
            first[i] = difference_of(std::move(first[i]), second[i]);
        }
        means = over_seeds(first);
    } else if (first.size() > 1 && second.size() > 1) {
        means = difference_of(over_seeds(first), over_seeds(second, Factor::other_seeds));
    }
    comparison.interval = interval_of(means);
    comparison.replicates = means.size();
}

std::vector<std::string> warnings_of(const ComparedGroup& first, const ComparedGroup& second,
                                     const Matched& matched, const Source& source)
{
    std::vector<std::string> warnings;
    for (const auto* group : {first.group, second.group}) {
        if (group->not_interpretable > 0) {
            warnings.push_back(fmt::format("in {} of {} runs of {} Γ isn't interpretable",
                                           group->not_interpretable, group->n, group->name));
        }
    }
    if (!matched.paired) {
        warnings.emplace_back("no seeds in common: the groups are taken as independent");
    }
    if (matched.without_counterpart > 0) {
        warnings.push_back(fmt::format("{} runs have no counterpart of the same seed and are left out",
                                       matched.without_counterpart));
    }
    const auto& one = matched.first.front()->result->attributes;
    for (const auto* members : {&matched.first, &matched.second}) {
        if (!std::all_of(members->begin(), members->end(), [&](const GroupMember* member) {
                return source.is_common(one, member->result->attributes);
            })) {
            warnings.emplace_back(source.not_common);
            break;
        }
    }
    return warnings;
}

void warn_of_few(Comparison& comparison)
{
    const auto n = std::min(comparison.n, comparison.n_other);
    if (n == 1) {
        comparison.warnings.emplace_back("n = 1: no interval, and no p that means anything");
    } else if (n == 2) {
        comparison.warnings.push_back(
            fmt::format("n = 2: no interval means much, and p can't go below {:.2g}", comparison.p_smallest));
    } else if (comparison.p_smallest > 0.05) {
        comparison.warnings.push_back(
            fmt::format("n = {}: p can't go below {:.2g}", n, comparison.p_smallest));
    }
    if (comparison.paired && comparison.n > 1 && comparison.std == 0) {
        comparison.warnings.emplace_back("all differences are equal: an interval over them means nothing");
    }
}

bool have_one_depth(const Matched& matched)
{
    const auto depth = matched.first.front()->result->layers.size();
    const auto same = [&](const GroupMember* member) { return member->result->layers.size() == depth; };
    return std::all_of(matched.first.begin(), matched.first.end(), same) &&
           std::all_of(matched.second.begin(), matched.second.end(), same);
}

std::vector<Value> layers_of(const Matched& matched, const Source& source)
{
    std::vector<Value> layers;
    const auto depth = have_one_depth(matched) ? matched.first.front()->result->layers.size() : 0;
    for (std::size_t l = 0; l < depth; ++l) {
        layers.emplace_back([l, &source](const RunResult& run) { return run.layers[l].gamma.*source.value; });
    }
    return layers;
}

void compare_source(const ComparedGroup& first, const ComparedGroup& second, const Source& source,
                    std::vector<Comparison>& to)
{
    const auto own = members_with(first, source);
    const auto other = members_with(second, source);
    if (own.empty() || other.empty()) {
        return;
    }
    const auto matched = match(own, other);
    const auto warnings = warnings_of(first, second, matched, source);
    const auto layers = layers_of(matched, source);
    const double p_max_layer = layers.empty() ? undefined : p_over(matched, layers);
    const auto add = [&](std::string what, const Value& value) -> Comparison& {
        auto& one = to.emplace_back(compare_values(matched, value));
        one.group = first.group->name;
        one.other = second.group->name;
        one.gamma = source.name;
        one.what = std::move(what);
        one.p_max_layer = p_max_layer;
        one.warnings = warnings;
        warn_of_few(one);
        return one;
    };
    for (std::size_t i = 0; i < first.group->strategies.size(); ++i) {
        auto& one = add(first.group->strategies[i].strategy,
                        [&](const RunResult& run) { return run.strategies[i].gamma.*source.value; });
        add_interval(one, matched, source, i);
    }
    for (std::size_t l = 0; l < layers.size(); ++l) {
        add("layer " + std::to_string(l), layers[l]);
    }
}

} // namespace

std::vector<Comparison> compare_groups(const ComparedGroup& first, const ComparedGroup& second)
{
    std::vector<Comparison> comparisons;
    compare_source(first, second, train_source, comparisons);
    compare_source(first, second, fresh_source, comparisons);
    return comparisons;
}

std::vector<Comparison> compare_all(std::span<const ComparedGroup> groups)
{
    std::vector<Comparison> all;
    const auto firsts = groups.size() <= most_groups_in_pairs ? groups.size() : 1;
    for (std::size_t i = 0; i < firsts; ++i) {
        for (std::size_t j = i + 1; j < groups.size(); ++j) {
            auto two = compare_groups(groups[i], groups[j]);
            std::move(two.begin(), two.end(), std::back_inserter(all));
        }
    }
    return all;
}

} // namespace fa::aggregation
