#pragma once
/// Diagnostic (c): does the gradient point the same way whatever the batch?

#include "diagnostics/verdict/judgement.hpp"
#include "diagnostics/verdict/thresholds.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace fa::verdict {

/// Fewer defined batches than this and (c) does not run.
inline constexpr std::size_t fewest_drift_batches = 8;

/// Mean of the pairwise cosines of batch directions at one layer.
struct Stability {
    double value = undefined; ///< NaN with fewer than 8 defined batches
    Interval interval;        ///< value ± t(0.975, n − 1) × delete-one-batch jackknife standard error
    std::size_t defined_batches = 0;
};

/// @param cosine  of one layer's batch directions, [batches, batches]; NaN where a batch has no direction
Stability stability(std::span<const double> cosine, std::size_t batches);

struct Drift : Judgement {
    std::vector<Stability> layers; ///< every layer's, [L+1]
    std::size_t judged_layer = 0;  ///< ⌊L/2⌋
    double stability = undefined;  ///< that layer's
    Interval interval;             ///< that layer's
};

/// @param direction_cosine  [L+1, batches, batches]
Drift judge_drift(std::span<const double> direction_cosine, std::size_t layers, std::size_t batches,
                  const Thresholds& thresholds);

} // namespace fa::verdict
