#pragma once
/// DIR/audit.h5: one small file that presents a whole store (design 6).

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"

#include <filesystem>
#include <vector>

namespace fa::aggregation {

inline constexpr const char* audit_schema = "fa-harness audit 1";

/// Writes audit.h5: `runs/<name>` external links to the run files (relative: they resolve wherever DIR is
/// moved to; h5py's `visititems` skips external links), `labels/<column>` what the manifest says of the runs,
/// `tables/<table>/ <column>` the summary tables, `manifest` its text, `strategies`; on the root the schema
/// and the thresholds. Words are fixed-length UTF-8, numbers and counts float64 with NaN for N/A. A pure
/// function of the manifest, runs/ and the thresholds and strategies it records: no time, host or path is in
/// it. It appears whole or not at all.
/// @throws store::StoreError
void write_audit_file(const std::filesystem::path& store, const Audit& audit,
                      const std::vector<Table>& summary);

/// Is this file ours to overwrite? A file that can't be read at all is.
/// @throws store::SchemaError if another version wrote it
void check_audit_schema(const std::filesystem::path& file);

} // namespace fa::aggregation
