#pragma once
/// The five tables of design 6. Their first columns are the design's, in its order; what else helps stands
/// behind.

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <vector>

namespace fa::aggregation {

/// A row for every run of the manifest; those without measurements say why.
Table runs_table(const Audit& audit);
/// A row for every layer of every measured run.
Table layers_table(const Audit& audit);
/// A row for every strategy of every measured run.
Table strategies_table(const Audit& audit);
/// Two rows for every measured run: the strategies' spread of Γ_train, and of the fresh means.
Table spread_table(const Audit& audit);
/// A row for every strategy of every group.
Table groups_table(const Audit& audit);

/// These five, in this order.
std::vector<Table> summary_tables(const Audit& audit);

/// "yes", or what fired: "no (a, b)". Stands in every row with Γ, so that no row can be read without it.
std::string interpretable(const verdict::Verdict& verdict);
/// A seed as a cell; empty where the manifest gives none.
Cell seed_cell(const jobs::RunSpec& run);

} // namespace fa::aggregation
