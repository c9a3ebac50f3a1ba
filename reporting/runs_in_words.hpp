#pragma once
/// Runs by name, and what is said of all of them or of some.

#include "aggregation/audit.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fa::reporting {

using Runs = std::vector<const aggregation::AuditedRun*>;
using Statement = std::function<std::string(const aggregation::AuditedRun&)>;

Runs measured_runs(const aggregation::Audit& audit);

/// "BP resmlp-4x256 (all 3 runs), dfa-s42": whole groups by their group's name.
std::string names_of(const Runs& runs, const aggregation::Audit& audit);

/// The runs by what is said of them, in order.
std::vector<std::pair<std::string, Runs>> alike(const Runs& runs, const Statement& statement);

/// A statement that holds for all runs, or "for A: …; for B: …".
std::string for_runs(const aggregation::Audit& audit, const Runs& runs, const Statement& statement);

} // namespace fa::reporting
