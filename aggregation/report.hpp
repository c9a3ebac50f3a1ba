#pragma once
/// From a store to its tables: what fa-harness does last and fa-report does alone.

#include "aggregation/audit.hpp"
#include "aggregation/strategy.hpp"
#include "diagnostics/verdict/thresholds.hpp"

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace fa::aggregation {

struct ReportOptions {
    verdict::Thresholds thresholds;
    std::vector<Strategy> strategies = default_strategies();
    bool colour = false;                         ///< of the terminal tables
    std::size_t replicates = default_replicates; ///< of the bootstrap; 0: no intervals
    Checksums checksums = Checksums::metadata;
    std::filesystem::path tables; ///< where tables go instead of DIR/tables; then audit.h5 isn't written
};

/// What a store says, in short: for exit codes.
struct ReportSummary {
    int measured = 0;
    int failed = 0;                 ///< runs with a recorded reason, or whose file can't be read
    int missing = 0;                ///< neither measured (with the manifest's options) nor failed
    std::vector<std::string> fired; ///< per measured run the letters that fired, e.g. "abd"
};

/// Adds a run of this state.
void count(RunState state, ReportSummary& summary);

/// What an audit says, in short.
ReportSummary summary_of(const Audit& audit);
/// What the options ask of a store.
AuditQuestion question_of(const ReportOptions& options);

/// Reads DIR/manifest.txt and DIR/runs/, writes DIR/tables/*.{md,csv} and DIR/audit.h5 (each by rename), and
/// prints the verdicts, the robustness tables and the names of runs without measurements to `terminal`.
/// @throws store::StoreError, jobs::ManifestError
ReportSummary report(const std::filesystem::path& store, const ReportOptions& options,
                     std::ostream& terminal);

} // namespace fa::aggregation
