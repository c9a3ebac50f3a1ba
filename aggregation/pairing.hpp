#pragma once
/// Which runs of two groups are compared with each other.

#include "aggregation/bootstrap.hpp"
#include "aggregation/run_result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fa::aggregation {

/// A run as comparisons need it.
struct GroupMember {
    const RunResult* result;
    std::optional<std::uint64_t> seed;    ///< of the training
    std::vector<Replicates> train, fresh; ///< [strategies]; as RunValues has them
};

using Members = std::vector<const GroupMember*>;

/// The members to compare; where `paired`, first[i] and second[i] have one seed.
struct Matched {
    Members first, second;
    bool paired = false;
    std::size_t without_counterpart = 0;
};

/// Run by run of the same seed, where at least two seeds are common, or each group is one run of the same
/// seed. Seeds that are unknown or stand twice in a group can't be paired.
Matched match(const Members& first, const Members& second);

} // namespace fa::aggregation
