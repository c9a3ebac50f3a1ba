#pragma once
#include "harness/options.hpp"
#include "jobs/manifest.hpp"

namespace fa::harness {

/// Makes DIR and its folders, checks that they can be written and that no run of the manifest is there in
/// another schema version, removes what --restart asks for, and keeps a copy of the manifest. On the leader
/// alone.
/// @param manifest  its whole text, and the runs of this job's shard
/// @throws std::runtime_error with the path and the reason
void prepare_output(const AuditOptions& options, const jobs::Manifest& manifest);

} // namespace fa::harness
