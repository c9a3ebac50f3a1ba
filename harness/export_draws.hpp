#pragma once
#include "harness/options.hpp"
#include "jobs/manifest.hpp"

namespace fa::harness {

/// Writes the fresh feedback matrices of the manifest's runs to options.export_draws: `draws/<l>`, [R, d_l,
/// C] float32. Runs that can't be read are left to the audit, which reports them. On the leader alone.
/// @throws UsageError if two runs have different draws: one file holds one set
void export_draws(const AuditOptions& options, const jobs::Manifest& manifest);

} // namespace fa::harness
