#pragma once
/// The cosines between the batches' mean gradients: what diagnostic (c) averages.

#include "aggregation/audit.hpp"
#include "reporting/figures/figure.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

namespace fa::reporting {

struct DirectionMatrix {
    std::size_t layer = 0;
    double stability = 0;       ///< mean of the cosines off the diagonal; NaN where (c) didn't run
    std::vector<double> cosine; ///< [batches, batches]
};

struct BatchDirections {
    std::size_t batches = 0;  ///< that are drawn
    std::size_t measured = 0; ///< that there are
    std::size_t judged_layer = 0;
    std::vector<DirectionMatrix> layers;
};

/// More layers or batches than these don't fit: then the first, the last, the judged one and some between,
/// and the first batches.
inline constexpr std::size_t most_direction_layers = 6;
inline constexpr std::size_t most_direction_batches = 32;

/// @throws store::StoreError
BatchDirections batch_directions(const aggregation::RunResult& run, const std::filesystem::path& store);
/// None of a single batch.
/// @param ceiling  the threshold of (c)
std::optional<Figure> figure_of(const BatchDirections& directions, const aggregation::AuditedRun& run,
                                double ceiling);

} // namespace fa::reporting
