#pragma once
/// ‖h_l‖ and ‖g_l‖ over depth, with the thresholds of diagnostics (a) and (b).

#include "aggregation/audit.hpp"
#include "reporting/figures/figure.hpp"

#include <vector>

namespace fa::reporting {

/// Medians over the samples, by layer; NaN where undefined.
struct NormsOverDepth {
    std::vector<double> hidden;   ///< ‖h_l‖, [L+1]
    std::vector<double> ceiling;  ///< beyond this (a) fires: its ratio times ‖h_{l−1}‖; NaN at layer 0
    std::vector<double> gradient; ///< ‖g_l‖ / 128, [L+1]
    double floor = 0;             ///< below this at layer L (b) fires
};

NormsOverDepth norms_over_depth(const aggregation::RunResult& run, const verdict::Thresholds& thresholds);
Figure figure_of(const NormsOverDepth& norms, const aggregation::AuditedRun& run,
                 const verdict::Thresholds& thresholds);

} // namespace fa::reporting
