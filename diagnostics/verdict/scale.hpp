#pragma once
/// Diagnostic (a): does the residual stream explode?

#include "diagnostics/verdict/judgement.hpp"
#include "diagnostics/verdict/thresholds.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace fa::verdict {

/// End-to-end growth that is warned of: fifty blocks of healthy 1.1 each are not an explosion, so it doesn't
/// fire.
inline constexpr double end_to_end_growth_warning = 50.0;

struct Scale : Judgement {
    std::vector<double> hidden_norm;         ///< median over the samples with a finite ‖h_l‖, [L+1]
    std::vector<double> growth;              ///< ratio of consecutive medians, [L]: entry l is block l + 1's
    double max_growth = undefined;           ///< NaN if any block's is
    double end_to_end_growth = undefined;    ///< median ‖h_L‖ / median ‖h_0‖
    std::size_t non_finite = 0;              ///< how many of the S · (L+1) norms are not finite
    bool warns_of_end_to_end_growth = false; ///< above 50, or undefined
};

/// @param hidden_norm  ‖h_l‖ of each sample, [S, L+1]
Scale judge_scale(std::span<const double> hidden_norm, std::size_t layers, const Thresholds& thresholds);

} // namespace fa::verdict
