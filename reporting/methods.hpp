#pragma once
/// The paragraph of a paper that says what was measured.

#include "aggregation/audit.hpp"
#include "reporting/provenance.hpp"

#include <string>
#include <vector>

namespace fa::reporting {

/// Sentences, from the store alone, in UTF-8 and without markup: what Γ is; samples, credit and Bs, fresh
/// draws, each for all runs or for the runs that it holds for; aggregation, statistics, thresholds, what is
/// not interpretable; precision, versions and machine; hashes. Empty where no run is measured.
std::vector<std::string> methods(const aggregation::Audit& audit, const Provenance& provenance);

/// The same as one paragraph.
std::string methods_paragraph(const aggregation::Audit& audit, const Provenance& provenance);

} // namespace fa::reporting
