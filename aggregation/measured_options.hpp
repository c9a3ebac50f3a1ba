#pragma once
#include "jobs/run_spec.hpp"
#include "store/run_file.hpp"

#include <string>

namespace fa::aggregation {

/// What the manifest now asks of a run and its file was measured otherwise: credit, loss, draws, seeds,
/// batches, and what is said of the feedback. That a checkpoint, data or feedback file has other bytes since
/// can't be seen here: the store keeps their hashes, and the files needn't be at hand.
/// @returns e.g. "draws is 3000, the manifest says 3001; eval_seed is 0, the manifest says 1"; empty where
///          nothing differs
std::string differing_options(const jobs::RunSpec& asked, const store::RunAttributes& measured);

} // namespace fa::aggregation
