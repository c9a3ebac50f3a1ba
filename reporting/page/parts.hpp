#pragma once
/// The parts of the page, in its order, each as HTML.

#include "reporting/page/context.hpp"

#include <string>

namespace fa::reporting {

/// How many runs are what, and what the four diagnostics found.
std::string summary_part(const PageContext& page);
/// A row a run: its verdict with the four diagnostics; below, the runs without measurements.
std::string verdicts_part(PageContext& page);
/// A row a run: Γ with a picture of it.
std::string overview_part(PageContext& page);
/// Each measured run with its sentences, figures and tables.
std::string runs_part(PageContext& page);
/// Each group, and the groups against each other.
std::string groups_part(PageContext& page);
/// How numbers are meant, and the glossary of all columns shown before.
std::string definitions_part(PageContext& page);

/// Four letters, each with what its diagnostic found.
std::string diagnostics_chips(const verdict::Verdict& verdict);
/// "trustworthy" or what has to be walked back, as a badge.
std::string badge(const verdict::Verdict& verdict);

} // namespace fa::reporting
