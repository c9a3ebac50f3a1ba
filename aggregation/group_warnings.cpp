#include "aggregation/group_warnings.hpp"

#include "aggregation/common_factors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::aggregation {
namespace {

using Runs = std::span<const RunResult* const>;

void add_few_seeds(std::vector<std::string>& warnings, std::size_t n)
{
    if (n == 1) {
        warnings.emplace_back("n = 1: one seed says nothing about the spread over seeds");
    } else if (n == 2) {
        warnings.emplace_back("n = 2: an interval over two seeds can't mean much (Student's t is 12.7)");
    } else if (n <= few_seeds) {
        warnings.push_back(fmt::format("n = {}: with so few seeds the standard deviation is a rough guess "
                                       "and the bootstrap interval is too narrow",
                                       n));
    }
}

/// Different seeds don't give the same Γ to the last bit: the same checkpoint has been entered twice, or all
/// of them are degenerate.
void add_equal_values(std::vector<std::string>& warnings, Runs runs)
{
    if (runs.size() < 2 || runs.front()->strategies.empty()) {
        return;
    }
    std::vector<double> values;
    for (const auto* run : runs) {
        values.push_back(run->strategies.front().gamma.train);
    }
    if (count_defined(values) > 1 && standard_deviation(values) == 0) {
        warnings.emplace_back("all runs have the same Γ_train: an interval over them means nothing");
    }
}

void add_not_common(std::vector<std::string>& warnings, Runs runs)
{
    // Runs without fresh draws (credit=none) have none to differ in.
    const auto has_draws = [](const RunResult* run) { return run->attributes.draws > 0; };
    const auto drawn = std::find_if(runs.begin(), runs.end(), has_draws);
    if (!std::all_of(runs.begin(), runs.end(), [&](const auto* run) {
            return !has_draws(run) || draws_are_common((*drawn)->attributes, run->attributes);
        })) {
        warnings.emplace_back(
            "the runs' fresh draws aren't common (another number, seed, shape, sharing or distribution)");
    }
    if (!std::all_of(runs.begin(), runs.end(), [&](const auto* run) {
            return batches_are_common(runs.front()->attributes, run->attributes);
        })) {
        warnings.emplace_back(
            "the runs' evaluation batches aren't common (another data set, seed, number or size)");
    }
}

} // namespace

std::vector<std::string> group_warnings(Runs runs)
{
    std::vector<std::string> warnings;
    add_few_seeds(warnings, runs.size());
    add_equal_values(warnings, runs);
    const auto not_interpretable = std::count_if(
        runs.begin(), runs.end(), [](const auto* run) { return !run->verdict.gamma_is_interpretable(); });
    if (not_interpretable > 0) {
        warnings.push_back(fmt::format("in {} of {} runs Γ isn't interpretable: (a) or (b) fired",
                                       not_interpretable, runs.size()));
    }
    add_not_common(warnings, runs);
    return warnings;
}

} // namespace fa::aggregation
