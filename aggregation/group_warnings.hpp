#pragma once
#include "aggregation/run_result.hpp"

#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

/// n up to which the standard deviation over seeds is a rough guess.
inline constexpr std::size_t few_seeds = 3;

/// What limits the numbers of a group: few seeds, equal values, diagnostics that fired, draws or batches that
/// aren't common.
std::vector<std::string> group_warnings(std::span<const RunResult* const> runs);

} // namespace fa::aggregation
