#pragma once
/// Diagnostic (b): is the reference gradient at the numerical floor?

#include "diagnostics/verdict/judgement.hpp"
#include "diagnostics/verdict/thresholds.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace fa::verdict {

struct Floor : Judgement {
    std::vector<double> gradient_norm;     ///< median over the samples with a finite ‖g_l‖ / 128, [L+1]
    double last_gradient_norm = undefined; ///< that of layer L: what is judged
    double last_gradient_per_error =
        undefined; ///< median(‖g_L‖/‖e‖)/128: below the floor too, the cause is `scale`
};

/// @param gradient_norm  ‖∂ℓ_i/∂h_l‖ / 128 of each sample, [S, L+1]
/// @param error_norm     ‖e‖ of each sample, [S]
Floor judge_floor(std::span<const double> gradient_norm, std::span<const double> error_norm,
                  std::size_t layers, const Thresholds& thresholds);

} // namespace fa::verdict
