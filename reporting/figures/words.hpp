#pragma once
/// What several captions say.

#include "aggregation/run_result.hpp"

#include <string>

namespace fa::reporting {

/// "1024 samples (8 batches of 128)"
std::string samples_of(const aggregation::RunResult& run);
/// A sentence with a blank before it: which diagnostics make Γ uninterpretable; empty where none does.
std::string not_interpretable(const aggregation::RunResult& run);
/// The same for the inside of a figure: "Γ not interpretable (a, b)".
std::string short_warning(const aggregation::RunResult& run);

} // namespace fa::reporting
