#pragma once
/// One table as LaTeX with booktabs and siunitx.

#include "aggregation/table.hpp"

#include <string>
#include <vector>

namespace fa::reporting {

struct LatexTable {
    std::string label;   ///< behind "tab:fa-"
    std::string caption; ///< LaTeX
    aggregation::Table table;
    /// Columns at the left whose words become a line of their own above the rows that share them.
    std::size_t headings = 0;
    /// Which rows (of the table) hold a Γ without meaning: their first cell gets a dagger.
    std::vector<bool> marked;
    std::vector<std::string> notes; ///< LaTeX, below the table
};

/// A float, or a longtable where the rows are many. Numbers stand in S columns of the very width that they
/// need; N/A is a dash. Words that don't fit are broken, so that the table is no wider than the line.
std::string to_latex(const LatexTable& table);

} // namespace fa::reporting
