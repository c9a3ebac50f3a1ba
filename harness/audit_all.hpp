#pragma once
/// All runs of a job, handed out to teams of ranks.

#include "harness/comm/communicator.hpp"
#include "harness/options.hpp"
#include "harness/plan.hpp"
#include "jobs/manifest.hpp"

#include <cstdint>
#include <vector>

namespace fa::harness {

/// What rank 0 learns before the work starts, and tells the others.
struct Preparation {
    jobs::Manifest manifest;
    /// The runs to audit, costliest first; those that a job died with at the end, where they are audited one
    /// by one by all ranks: whichever ends this job, too, can't be mistaken for another.
    std::vector<std::int64_t> order;
    std::uint64_t suspects = 0; ///< so many of them
    std::vector<double> shares; ///< of the job's work, by place in the order
    Teams teams;
};

/// A run that a signal stopped.
struct StoppedRun {
    std::int64_t run;                ///< its index in the manifest
    std::int64_t saved_draws, draws; ///< what of it needn't be measured again
};

struct Audited {
    std::uint64_t runs = 0;            ///< dealt with: measured, found measured, or failed
    std::vector<StoppedRun> stopped{}; ///< those of which something is saved
};

/// Collective in the world; the answer is complete on every rank.
/// @param device  where this rank computes
Audited audit_all(const Preparation& job, const AuditOptions& options, const comm::Communicator& world,
                  at::Device device);

/// Says and records why a run has no file.
void report_failure(const AuditOptions& options, const std::string& name, const std::string& reason);

} // namespace fa::harness
