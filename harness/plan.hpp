#pragma once
/// The plan of a job: what each run costs, in which order runs are handed out, how ranks form teams (design
/// 9).

#include "harness/options.hpp"
#include "harness/work.hpp"
#include "jobs/manifest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fa::harness {

struct PlannedRun {
    RunWork work;
    std::uint64_t store_bytes = 0; ///< expected size of its run file
    std::string shape;             ///< "resmlp-4x256, 10 classes"
    std::string problem; ///< why it can't be planned (its checkpoint or data can't be read); else empty
};

/// Reads the headers of a run's checkpoint and data set, nothing more.
PlannedRun plan_run(const jobs::RunSpec& spec, const AuditOptions& options);

/// Indices of the runs, costliest first (ties: in the manifest's order).
std::vector<std::int64_t> costliest_first(const std::vector<PlannedRun>& runs);

struct Teams {
    int count = 1;
    /// The team of a world rank: contiguous ranks, sizes that differ by at most one.
    int team_of(int rank, int ranks) const;
};

/// With at least as many runs as ranks a team is one rank; else a team shares a run, with never more ranks
/// than the run has work for.
/// @param ranks_per_run  0, or what --ranks-per-run says
Teams form_teams(int ranks, std::int64_t runs, std::int64_t useful_ranks, int ranks_per_run);

/// What --dry-run prints.
std::string plan_text(const jobs::Manifest& manifest, const std::vector<PlannedRun>& runs,
                      const AuditOptions& options, int ranks);

} // namespace fa::harness
