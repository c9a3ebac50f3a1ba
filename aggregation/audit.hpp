#pragma once
/// What a store says, as numbers: the input of every table.

#include "aggregation/cache_use.hpp"
#include "aggregation/comparison.hpp"
#include "aggregation/group_variance.hpp"
#include "aggregation/groups.hpp"
#include "aggregation/run_result.hpp"
#include "aggregation/run_status.hpp"
#include "aggregation/strategy.hpp"
#include "diagnostics/verdict/thresholds.hpp"
#include "jobs/run_spec.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fa::aggregation {

/// Replicates of a bootstrap interval unless asked otherwise: its ends then carry about 0.7 % of its width as
/// noise.
inline constexpr std::size_t default_replicates = 10'000;

struct AuditQuestion {
    verdict::Thresholds thresholds;
    std::vector<Strategy> strategies = default_strategies();
    std::size_t replicates = default_replicates; ///< of the bootstrap; 0: no intervals
    Checksums checksums = Checksums::metadata;
    CacheUse cache = CacheUse::update;
};

struct AuditedRun {
    jobs::RunSpec spec;
    std::string group;
    RunStatus status;
    std::optional<RunResult> result; ///< of a measured run
};

struct Audit {
    AuditQuestion question;
    std::string manifest;                 ///< its text
    std::vector<AuditedRun> runs;         ///< in the manifest's order
    std::vector<Group> groups;            ///< in the order in which the manifest first names them
    std::vector<GroupVariance> variances; ///< of each group
    std::vector<Comparison> comparisons;  ///< between groups
};

/// Reads DIR/manifest.txt and the runs it names, one at a time. A run that can't be read is a failed one.
/// @throws store::StoreError if there is no manifest, jobs::ManifestError if it isn't one
Audit read_audit(const std::filesystem::path& store, const AuditQuestion& question);

} // namespace fa::aggregation
