#pragma once
/// Every strategy's value at every fresh draw: from the cache, or from the run file a block of draws at a
/// time.

#include "aggregation/strategy.hpp"
#include "aggregation/strategy_cache.hpp"
#include "store/reader.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace fa::aggregation {

struct FreshValues {
    std::vector<std::vector<double>> strategies; ///< [strategies][R]
    std::vector<std::vector<double>> layers;     ///< pooled mean of each layer, [L+1][R]
    std::vector<bool> computable; ///< [strategies]; false: needs samples that `--keep batches` left out
    StrategyValues computed;      ///< what wasn't in the cache, for write_cache
};

/// @param cached  what read_cache gave; entries of another length than R are ignored
/// @throws store::StoreError
FreshValues fresh_values(const store::RunReader& run, std::span<const Strategy> strategies,
                         const StrategyValues& cached);

} // namespace fa::aggregation
