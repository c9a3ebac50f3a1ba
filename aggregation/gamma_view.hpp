#pragma once
/// Γ of one set of feedback matrices (training, or one draw) as the strategies see it.

#include <cstdint>
#include <span>

namespace fa::aggregation {

/// Views on memory that the caller owns; NaN means undefined. An empty span: not kept.
/// @tparam Number  double (Γ_train), or float (Γ_fresh as it is measured and stored): every sum is in double
template <typename Number>
struct BasicGammaView {
    std::int64_t batches = 0;
    std::int64_t batch_size = 0;
    std::int64_t layers = 0;          ///< L + 1
    std::span<const Number> samples;  ///< Γ, [batches · batch_size, L+1]
    std::span<const Number> batchvec; ///< [batches, L+1]
    std::span<const Number> flat;     ///< [batches, L+1]
    std::span<const Number> concat;   ///< [batches · batch_size]
    /// `--keep batches`: reductions of each batch's samples, [batches, L+1] each; the angle is the mean one,
    /// in radians, the count that of defined samples.
    std::span<const Number> batch_mean, batch_median, batch_iqm, batch_angle, batch_count;
};

using GammaView = BasicGammaView<double>;
using FreshGammaView = BasicGammaView<float>;

} // namespace fa::aggregation
