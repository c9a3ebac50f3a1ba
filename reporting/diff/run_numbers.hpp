#pragma once
/// The numbers of a run that a diff tests, and on what they can be paired.

#include "reporting/diff/run_diff.hpp"

#include <vector>

namespace fa::reporting {

/// @throws store::StoreError
std::vector<NumberDiff> diff_numbers(const Side& a, const Side& b, const aggregation::Strategy& first);

} // namespace fa::reporting
