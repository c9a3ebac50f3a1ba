#pragma once
/// What the captions of the LaTeX tables share.

#include "aggregation/audit.hpp"
#include "reporting/latex_table.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace fa::reporting {

inline const std::string gamma_in_words =
    "$\\Gamma$, the cosine between credit signal and gradient at the hidden states, per sample";
inline const std::string gamma_train = "$\\Gamma_{\\mathrm{train}}$";
inline const std::string gamma_fresh = "$\\Gamma_{\\mathrm{fresh}}$";

/// "1024 samples", "104 to 128 samples" where runs differ.
std::string samples(const aggregation::Audit& audit);
/// "200 fresh draws of the feedback matrices"
std::string draws(const aggregation::Audit& audit);
/// The headline's strategy; empty where none was asked for.
std::string first_strategy(const aggregation::Audit& audit);

/// Do the words of a table's `interpretable` column stay beside the daggers?
enum class Interpretable { keep, drop };

/// Marks the rows whose `interpretable` column says no.
LatexTable table_of(std::string label, std::string caption, aggregation::Table table, std::size_t headings,
                    Interpretable words);

/// Across seeds, by every strategy, and groups against each other.
/// @param tables  aggregation::summary_tables(audit)
std::vector<LatexTable> latex_group_tables(const aggregation::Audit& audit,
                                           const std::vector<aggregation::Table>& tables);
/// What each choice changes, where the variance comes from, the specification curves' tests. Likewise.
std::vector<LatexTable> latex_statistics_tables(const aggregation::Audit& audit,
                                                const std::vector<aggregation::Table>& tables);

} // namespace fa::reporting
