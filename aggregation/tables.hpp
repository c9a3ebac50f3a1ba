#pragma once
/// The tables of a store. The first columns of design 6's five are the design's, in its order; what else
/// helps stands behind. (statistics_tables.hpp: those over seeds, draws and strategies.)

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <string>
#include <string_view>
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

/// These, then groups, comparisons, choices, variance, specification and specification_test.
std::vector<Table> summary_tables(const Audit& audit);
/// @throws std::logic_error if there is none of this name
const Table& find(const std::vector<Table>& tables, std::string_view name);

/// "yes", or what fired: "no (a, b)". Stands in every row with Γ, so that no row can be read without it.
std::string interpretable(const verdict::Verdict& verdict);
/// A seed as a cell; empty where the manifest gives none.
Cell seed_cell(const jobs::RunSpec& run);

} // namespace fa::aggregation
