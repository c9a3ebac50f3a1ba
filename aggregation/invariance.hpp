#pragma once
/// What Γ is invariant to and what it isn't, in sentences with the numbers (docs/statistics.md).

#include "aggregation/group_variance.hpp"
#include "aggregation/groups.hpp"
#include "aggregation/run_result.hpp"

#include <string>
#include <vector>

namespace fa::aggregation {

/// Of one run: reseeding, the strategies together, aggregation, layer 0.
std::vector<std::string> invariance(const RunResult& run);
/// Of the means over a group's seeds, with the choice that matters most and the largest source of spread,
/// which need a Γ_train; first of all in how many runs Γ is not interpretable. None for one run or without Γ.
std::vector<std::string> invariance(const Group& group, const GroupVariance& variance);

} // namespace fa::aggregation
