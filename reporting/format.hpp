#pragma once
/// The documents that a store becomes, one a format (docs/formats.md).

#include "aggregation/audit.hpp"
#include "aggregation/report.hpp"
#include "aggregation/table.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace fa::reporting {

enum class Format { terminal, markdown, csv, json, latex, html };

/// @throws std::invalid_argument listing the formats there are
Format format_from(std::string_view word);

/// Writes one whole document.
/// @param tables  aggregation::summary_tables(audit)
/// @param store   the folder that was audited
/// @param colour  of the terminal's tables; the other formats have none
void write_document(Format format, const aggregation::Audit& audit,
                    const std::vector<aggregation::Table>& tables, const std::filesystem::path& store,
                    bool colour, std::ostream& out);

/// Reads a store and writes one document; the store's folder stays as it is, cache included.
/// @throws store::StoreError, jobs::ManifestError, std::runtime_error if `out` takes no more
aggregation::ReportSummary report_as(Format format, const std::filesystem::path& store,
                                     const aggregation::ReportOptions& options, std::ostream& out);

/// Reads a store and writes the paragraph on methods alone (methods.hpp), likewise.
aggregation::ReportSummary report_methods(const std::filesystem::path& store,
                                          const aggregation::ReportOptions& options, std::ostream& out);

} // namespace fa::reporting
