#pragma once
#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <filesystem>
#include <iosfwd>
#include <vector>

namespace fa::reporting {

/// The paper's tables (verdicts, robustness, per layer, aggregations, groups, comparisons, spread) and its
/// paragraph on methods, to be \input into a document that loads booktabs, siunitx, array and longtable.
/// @param tables  aggregation::summary_tables(audit)
void write_latex(const aggregation::Audit& audit, const std::vector<aggregation::Table>& tables,
                 const std::filesystem::path& store, std::ostream& out);

} // namespace fa::reporting
