#pragma once
/// How a job with --shard ends: tables are fa-report's, which sees all shards.

#include "aggregation/report.hpp"
#include "harness/options.hpp"
#include "jobs/manifest.hpp"

#include <iosfwd>

namespace fa::harness {

/// Prints how many of the shard's runs are measured, and what makes the tables. Reads attributes alone.
/// @param manifest  with the shard's runs
/// @returns the counts; no verdicts
/// @throws store::StoreError
aggregation::ReportSummary summarise_shard(const AuditOptions& options, const jobs::Manifest& manifest,
                                           std::ostream& terminal);

} // namespace fa::harness
