#pragma once
/// What --dry-run prints.

#include "harness/options.hpp"
#include "harness/plan.hpp"
#include "jobs/manifest.hpp"

#include <string>
#include <vector>

namespace fa::harness {

/// The runs by shape, every run that would fail with its reason, and how the work would be divided.
/// @param ranks  that the plan is for
std::string plan_text(const jobs::Manifest& manifest, const std::vector<PlannedRun>& runs,
                      const AuditOptions& options, int ranks);

} // namespace fa::harness
