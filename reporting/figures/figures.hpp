#pragma once
/// The figures of an audit. Each is made of a struct with its data, which come from the Audit; what the Audit
/// doesn't hold (the draws, the matrix of directions) is read from the store.

#include "aggregation/audit.hpp"
#include "aggregation/report.hpp"
#include "aggregation/table.hpp"
#include "reporting/figures/figure.hpp"

#include <filesystem>
#include <iosfwd>
#include <vector>

namespace fa::reporting {

/// Of a measured run, those that it has data for: gamma, specification, norms, directions.
/// @param specification  the summary table of that name
/// @throws store::StoreError
std::vector<Figure> figures_of(const aggregation::Audit& audit, const aggregation::AuditedRun& run,
                               const aggregation::Table& specification, const std::filesystem::path& store);
/// Of group number `group`: variance, where shares could be estimated.
std::vector<Figure> figures_of_group(const aggregation::Audit& audit, std::size_t group);

/// Reads a store and writes all figures of all measured runs and of all groups into a folder, which is made:
/// for each KIND-NAME.{svg,pdf}, KIND-NAME.csv and KIND-NAME.gp, and captions.md for all. Says how many. The
/// store's folder stays as it is.
/// @throws GnuplotError, store::StoreError, jobs::ManifestError
aggregation::ReportSummary report_figures(const std::filesystem::path& store,
                                          const aggregation::ReportOptions& options,
                                          const std::filesystem::path& folder, FigureFormat format,
                                          std::ostream& terminal);

} // namespace fa::reporting
