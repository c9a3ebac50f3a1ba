#pragma once
#include "aggregation/audit.hpp"
#include "reporting/latex_table.hpp"

#include <vector>

namespace fa::reporting {

/// The tables of the LaTeX document in their order, each with the caption that says what its Γ is.
/// @param tables  aggregation::summary_tables(audit)
std::vector<LatexTable> latex_tables(const aggregation::Audit& audit,
                                     const std::vector<aggregation::Table>& tables);

} // namespace fa::reporting
