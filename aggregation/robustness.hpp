#pragma once
/// The readable robustness report: on a page, and on a terminal.

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace fa::aggregation {

/// The measured runs' verdicts.
Table verdicts_table(const Audit& audit);
/// The runs without measurements, with their reasons.
Table unmeasured_table(const Audit& audit);
/// One row a run: the first strategy's Γ_train against its fresh draws, over the layers, over the strategies.
Table overview_table(const Audit& audit);
/// One row a layer: what the pitfalls would have printed.
Table pitfalls_table(const RunResult& run);
/// One row a layer: means over the seeds of a group.
Table group_layers_table(const Group& group);

/// What the numbers of a run say, in sentences: interpretable or not, reseeding, aggregation, layer 0.
/// @pre it is measured
std::vector<std::string> statements(const AuditedRun& run);

/// What a reader has to be warned of: the verdict's warnings, training feedback that no hash vouches for, and
/// what the checkpoint records otherwise than the manifest says. Of a run without measurements nothing.
std::vector<std::string> warnings(const AuditedRun& run);

/// How the numbers of a readable page are meant, a sentence or two each.
std::vector<std::string> reading_notes();

/// robustness.md: verdicts first, then each run, then the groups.
std::string robustness_page(const Audit& audit, const std::vector<Table>& summary);
/// Verdicts, overview, the layers of each run (of up to `most_runs_in_full`), the groups.
void print_robustness(const Audit& audit, const std::vector<Table>& summary, bool colour,
                      std::ostream& terminal);

inline constexpr std::size_t most_runs_in_full = 24;

} // namespace fa::aggregation
