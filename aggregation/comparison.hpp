#pragma once
/// One group of runs against another: paired where they have seeds in common.

#include "aggregation/bootstrap.hpp"
#include "aggregation/groups.hpp"
#include "aggregation/pairing.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

struct ComparedGroup {
    const Group* group;
    std::vector<GroupMember> members;
};

/// Γ of one group minus Γ of another.
struct Comparison {
    std::string group, other;
    std::string gamma; ///< "train", or "fresh": of the runs' fresh means
    std::string what;  ///< a strategy, or "layer 0": the layer's pooled mean
    bool paired = false;
    std::size_t n = 0, n_other = 0; ///< runs that are compared; pairs where they are paired
    double difference = undefined;  ///< of the means
    double std = undefined;         ///< of the pairs' differences, ddof 1; NaN where they aren't paired
    BootstrapInterval interval{undefined, undefined}; ///< strategies only
    std::size_t replicates = 0;                       ///< of that interval
    BootstrapInterval t{undefined, undefined};        ///< Student's of the pairs, else Welch's
    double p = undefined;           ///< permutation: signs of the pairs turned, else labels exchanged
    double p_smallest = undefined;  ///< below which it can't go
    double p_max_layer = undefined; ///< the same over all layers by the largest |z|
    std::vector<std::string> warnings;
};

/// For Γ_train and Γ_fresh every strategy, then every layer where all runs have the same depth; nothing where
/// a group has no such Γ. The interval resamples pairs of seeds (or the seeds of each group by themselves)
/// and, common to both, the draws or batches.
std::vector<Comparison> compare_groups(const ComparedGroup& first, const ComparedGroup& second);

/// All pairs of up to this many groups; of more, each with the first.
inline constexpr std::size_t most_groups_in_pairs = 20;
std::vector<Comparison> compare_all(std::span<const ComparedGroup> groups);

} // namespace fa::aggregation
