#pragma once
/// Runs that differ in their seed only, taken together (design 3, "across seeds").

#include "aggregation/bootstrap.hpp"
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
    double std = undefined; ///< ddof = 1
};
AcrossSeeds across_seeds(std::span<const double> values);

struct GroupStrategy {
    std::string strategy;
    AcrossSeeds train; ///< of Γ_train
    AcrossSeeds fresh; ///< of the runs' fresh means
    BootstrapInterval train_interval{undefined, undefined};
    BootstrapInterval fresh_interval{undefined, undefined};
};

struct GroupLayer {
    AcrossSeeds train, fresh; ///< of pooled means
    AcrossSeeds hidden_norm, gradient_norm, stability;
};

struct Group {
    std::string name;
    std::size_t n = 0;                 ///< measured runs
    std::size_t not_interpretable = 0; ///< of these, where (a) or (b) fired
    std::vector<std::string> runs;
    std::vector<GroupStrategy> strategies;
    std::vector<GroupLayer> layers; ///< empty where the runs have different depths
    std::vector<std::string> warnings;
};

/// `group=` of the manifest, else method plus architecture, else what of both is known.
std::string group_name(const jobs::RunSpec& run, const std::string& architecture);

/// @param runs        measured runs of the group
/// @param replicates  of each; empty members where there were none asked for
Group make_group(const std::string& name, std::span<const RunResult* const> runs,
                 std::span<const RunReplicates> replicates);

} // namespace fa::aggregation
