#pragma once
#include "harness/options.hpp"
#include "jobs/manifest.hpp"

namespace fa::harness {

/// --restart: the folder must be empty or absent; with --force this manifest's runs are removed from it, with
/// their caches, their unfinished parts and their failure records. Nothing else in the folder is touched, and
/// nothing at all in a folder with no audit whose runs/ holds somebody's files. A Slurm job that was requeued
/// goes on: it has started over already. On the leader alone.
/// @param manifest  with the runs of this job's shard
/// @throws UsageError saying what stands in the way
void start_over_if_asked(const AuditOptions& options, const jobs::Manifest& manifest);

} // namespace fa::harness
