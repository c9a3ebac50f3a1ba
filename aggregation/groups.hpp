#pragma once
/// Runs that differ in their seed only, taken together (design 3, "across seeds").

#include "aggregation/bootstrap.hpp"
#include "aggregation/choice.hpp"
#include "aggregation/run_result.hpp"
#include "jobs/run_spec.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

/// Over the runs of a group, each run giving one number.
struct AcrossSeeds {
    std::size_t n = 0; ///< runs whose number is defined
    double mean = undefined;
    double std = undefined;                           ///< ddof = 1
    BootstrapInterval interval{undefined, undefined}; ///< crossed bootstrap; NaN where none was asked for
    BootstrapInterval t{undefined, undefined};        ///< by Student's t, for 2 ≤ n ≤ few_for_bootstrap
};
/// Without the bootstrap's interval.
AcrossSeeds across_seeds(std::span<const double> values);

struct GroupStrategy {
    std::string strategy;
    AcrossSeeds train;    ///< of Γ_train
    AcrossSeeds fresh;    ///< of the runs' fresh means
    double p = undefined; ///< of the mean Γ_train, against the group's means at fresh draws (group_draws)
};

struct GroupLayer {
    AcrossSeeds train, fresh; ///< of pooled means
    double p = undefined;
    AcrossSeeds hidden_norm, gradient_norm, stability;
};

/// What one aggregation choice changes, with the others fixed.
struct GroupChoice {
    Contrast contrast;
    AcrossSeeds train, fresh;                ///< of each run's effect_of
    double min = undefined, max = undefined; ///< of the changes of Γ_train, over pairs of strategies and runs
    double p = undefined;                    ///< of the mean effect on Γ_train, as GroupStrategy::p
};

struct Group {
    std::string name;
    std::size_t n = 0;                 ///< measured runs
    std::size_t not_interpretable = 0; ///< of these, where (a) or (b) fired
    std::vector<std::string> runs;
    std::vector<GroupStrategy> strategies;
    std::vector<GroupLayer> layers; ///< empty where the runs have different depths
    std::vector<GroupChoice> choices;
    double p_max_layer = undefined; ///< of the mean Γ_train over the layers, by the largest |z|
    std::vector<std::string> warnings;
};

/// `group=` of the manifest, else method plus architecture, else what of both is known.
std::string group_name(const jobs::RunSpec& run, const std::string& architecture);

/// Did all runs train with the same feedback (by its hash)?
bool feedback_is_common(std::span<const RunResult* const> runs);

/// The group's mean at each fresh draw: what its mean Γ_train is compared with. Runs that trained with the
/// same feedback share a draw. Runs with feedback of their own get draws of their own: run s takes draw (r +
/// s·⌊R/n⌋) mod R, since a draw common to all would let their Γ vary together as the trained ones cannot.
/// Empty where the runs have different numbers of draws.
/// @param runs  [n][R]
std::vector<double> group_draws(std::span<const std::vector<double>> runs, bool common);

/// @param runs    measured runs of the group
/// @param values  of each
Group make_group(const std::string& name, std::span<const RunResult* const> runs,
                 std::span<const RunValues> values, std::span<const Strategy> strategies);

} // namespace fa::aggregation
