#pragma once
#include "aggregation/audit.hpp"

#include <string>

namespace fa::aggregation {

/// What a store lacks, a line each for failed and for missing runs, of how many: "3 of 12 runs are missing:
/// a, b, c". Long lists of names are cut short, with a count. Empty where every run is measured.
std::string completeness(const Audit& audit);

} // namespace fa::aggregation
