#pragma once
/// DIR/provenance.jsonl: who, when, where, versions, timings: everything that is no function of the inputs.

#include "harness/audit_run.hpp"
#include "harness/options.hpp"
#include "harness/rank_device.hpp"

#include <filesystem>
#include <string>

namespace fa::harness {

/// Appends a line about the job, by one write: jobs may share the file.
void record_job(const AuditOptions& options, int ranks, int teams) noexcept;
/// Appends a line about a run that was measured or failed.
/// @param collectives  what its team reduced over
/// @param device       of the team's leader
void record_run(const AuditOptions& options, const std::string& name, const AuditedRun& run, int ranks,
                const std::string& collectives, const RankDevice& device) noexcept;
void record_failed_run(const AuditOptions& options, const std::string& name,
                       const std::string& reason) noexcept;

} // namespace fa::harness
