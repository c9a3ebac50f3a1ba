#pragma once
/// Γ of one set of feedback matrices (training, or one draw) as the strategies see it.

#include <cstdint>
#include <span>

namespace fa::aggregation {

/// Views on memory that the caller owns; NaN means undefined. An empty span: not kept.
struct GammaView {
    std::int64_t batches = 0;
    std::int64_t batch_size = 0;
    std::int64_t layers = 0;          ///< L + 1
    std::span<const double> samples;  ///< Γ, [batches · batch_size, L+1]
    std::span<const double> batchvec; ///< [batches, L+1]
    std::span<const double> flat;     ///< [batches, L+1]
    std::span<const double> concat;   ///< [batches · batch_size]
    /// `--keep batches`: reductions of each batch's samples, [batches, L+1] each; the angle is the mean one,
    /// in radians, the count that of defined samples.
    std::span<const double> batch_mean, batch_median, batch_iqm, batch_angle, batch_count;
};

} // namespace fa::aggregation
