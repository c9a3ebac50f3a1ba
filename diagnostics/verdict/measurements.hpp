#pragma once
/// What a verdict is made of: views on the datasets of a run file (design 6), and the frozen control.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

namespace fa::verdict {

/// Row-major views on memory that the caller owns; NaN means undefined.
struct RunMeasurements {
    std::size_t layers = 0;                   ///< L + 1
    std::size_t batches = 0;                  ///< of the evaluation samples
    std::size_t batch_size = 0;               ///< N; S = batches · N
    std::span<const double> hidden_norm;      ///< `norms/hidden`, [S, L+1]
    std::span<const double> gradient_norm;    ///< `norms/gradient`, [S, L+1]: ‖∂ℓ_i/∂h‖ / 128
    std::span<const double> error_norm;       ///< `norms/error`, [S]: ‖e‖
    std::span<const double> direction_cosine; ///< `direction/cosine`, [L+1, batches, batches]
    std::span<const std::uint8_t> correct;    ///< `accuracy/correct`, [test samples]
};

/// The frozen-random-blocks control: none with the reason, an accuracy as a fraction, or its own
/// `accuracy/correct` on the same test samples in the same order.
struct NoControl {
    std::string reason = "no frozen baseline";
};
struct ControlAccuracy {
    double fraction;
};
struct ControlRun {
    std::span<const std::uint8_t> correct;
};
using Control = std::variant<NoControl, ControlAccuracy, ControlRun>;

} // namespace fa::verdict
