#pragma once
/// Every number of an audit as tables, and as one long table.

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <vector>

namespace fa::aggregation {

/// The summary tables, then what stands beside them on the readable page: `overview`, `pitfalls` (a row per
/// run and layer) and `group_layers` (a row per group and layer).
/// @param summary  summary_tables(audit)
std::vector<Table> all_tables(const Audit& audit, const std::vector<Table>& summary);

/// A row per number, "tidy" in Wickham's sense (J. Stat. Softw. 59(10), 2014): which table it comes from,
/// what it is of, the quantity (the column's name in that table), its value and unit. Numbers that are N/A
/// keep their row, without a value. Of `overview` only what no other table has.
Table tidy_table(const Audit& audit, const std::vector<Table>& summary);

} // namespace fa::aggregation
