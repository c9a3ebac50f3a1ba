#pragma once
/// A run whose file stands and is measured nevertheless: why.

#include "jobs/run_spec.hpp"
#include "store/layout.hpp"
#include "store/run_file.hpp"

#include <string>

namespace fa::harness {

/// What changed since a run was measured: "its checkpoint and its data changed", "its options changed (draws
/// is 200, the manifest says 300)".
/// @param before  of the run's file
/// @param now     of the run that is about to be measured; another digest than before's
std::string what_changed(const jobs::RunSpec& spec, const store::RunAttributes& before,
                         const store::RunAttributes& now);

/// One line on stderr if the run's file is stale or damaged; nothing where there is none.
void tell_if_stale(const store::Layout& layout, const jobs::RunSpec& spec, const store::RunAttributes& now);

} // namespace fa::harness
