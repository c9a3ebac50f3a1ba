#pragma once
/// Tables over seeds, draws and strategies (docs/statistics.md defines every number).

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <string>

namespace fa::aggregation {

/// A row for every strategy of every group.
Table groups_table(const Audit& audit);
/// One group against another: for Γ_train and Γ_fresh a row for every strategy and layer.
Table comparisons_table(const Audit& audit);
/// What one aggregation choice changes with the others fixed: a row for every contrast of every group.
Table choices_table(const Audit& audit);
/// Where the spread comes from: for Γ_train and Γ_fresh of every group, rows for each source of each layer,
/// for what isn't estimable, and the range over strategies.
Table variance_table(const Audit& audit);
/// The specification curve of every run: its strategies in the order of their Γ, with their choices.
Table specification_table(const Audit& audit);
/// The joint tests of these curves, a row for every run.
Table specification_test_table(const Audit& audit);

/// "yes", or in how many runs (a) or (b) fired: "no (3 of 3)".
std::string interpretable(const Group& group);

} // namespace fa::aggregation
