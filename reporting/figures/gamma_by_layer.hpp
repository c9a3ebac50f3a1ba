#pragma once
/// Γ_train against the distribution of Γ_fresh, layer by layer.

#include "aggregation/audit.hpp"
#include "reporting/figures/figure.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace fa::reporting {

/// Pooled means of one layer: the trained one, and quantiles (type 7) over the fresh draws; NaN where
/// undefined.
struct LayerGamma {
    double train;
    double lowest, q025, q250, q500, q750, q975, highest;
};

struct GammaByLayer {
    std::vector<LayerGamma> layers; ///< [L+1]
    bool has_train = false, has_fresh = false;
};

/// @throws store::StoreError
GammaByLayer gamma_by_layer(const aggregation::RunResult& run, const std::filesystem::path& store);

/// None where the run has no Γ.
std::optional<Figure> figure_of(const GammaByLayer& gamma, const aggregation::AuditedRun& run);

} // namespace fa::reporting
