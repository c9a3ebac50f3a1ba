#pragma once
#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <filesystem>
#include <iosfwd>
#include <vector>

namespace fa::reporting {

/// Everything of an audit as JSON (docs/report.schema.json): options, manifest, runs with their verdicts and
/// sentences, groups, methods, tables with their columns' definitions, provenance. N/A is null, numbers have
/// all digits, infinite ones are the words "inf" and "-inf" (JSON has no numbers for them).
/// @param tables  aggregation::summary_tables(audit)
void write_json(const aggregation::Audit& audit, const std::vector<aggregation::Table>& tables,
                const std::filesystem::path& store, std::ostream& out);

} // namespace fa::reporting
