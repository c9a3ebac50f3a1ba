#pragma once
#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <vector>

namespace fa::reporting {

/// Of larger audits the page shows figures of this many runs: the first of each group, then the manifest's
/// order; and tables of the run for this many. It says so, and how to get the rest.
inline constexpr std::size_t most_runs_with_figures = 24;
inline constexpr std::size_t most_runs_with_tables = 200;
inline constexpr std::size_t most_groups_with_figures = 24;

/// One HTML page that needs neither network nor other files: verdicts, the runs' stories with their figures
/// (drawn by gnuplot; without it the page says so), groups, comparisons, and the definition of every column.
/// @param summary  aggregation::summary_tables(audit)
/// @param store    the folder that was audited
/// @throws store::StoreError
void write_page(const aggregation::Audit& audit, const std::vector<aggregation::Table>& summary,
                const std::filesystem::path& store, std::ostream& page);

} // namespace fa::reporting
