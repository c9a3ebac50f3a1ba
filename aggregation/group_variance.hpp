#pragma once
/// The variance decomposition of a group's Γ, read from its run files.

#include "aggregation/cache_use.hpp"
#include "aggregation/chi_squares.hpp"
#include "aggregation/variance_components.hpp"
#include "store/reader.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

/// Of one layer, of each sample's mean over the layers, or averaged over the layers.
struct LayerVariance {
    std::string layer; ///< "0" … "L", "layers=mean" or "all"
    Decomposition decomposition;
    std::size_t samples_left_out = 0; ///< since one of the runs has no defined value there
    std::size_t runs_left_out = 0;    ///< whose layer is wholly undefined
};

struct GammaVariance {
    std::vector<LayerVariance> layers; ///< "all" first, "layers=mean" second; empty for the reason given
    std::string reason;
};

struct GroupVariance {
    GammaVariance train, fresh;
    std::vector<std::string> fresh_digests{}; ///< of the runs whose draws are decomposed
};

/// One pass over each file, of Γ_fresh a block of draws of all runs at a time, unless the cache of `store`
/// has the totals. Runs are crossed with samples and draws where these are common; where they aren't, or
/// depths differ, the reason says so.
/// @param runs  names of the runs of one group
/// @throws store::StoreError
GroupVariance group_variance(const std::filesystem::path& store, std::span<const std::string> runs,
                             ChiSquares& chi_squares, CacheUse cache);

} // namespace fa::aggregation
