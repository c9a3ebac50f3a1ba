#pragma once
/// What kernels know of a window and a block. Plain values: kernels get copies.

#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/host_device.hpp"

#include <cstdint>

namespace fa::diagnostics::device {

/// A window's inputs, on the device, [·, rows] with the row innermost.
struct WindowInputs {
    std::int64_t rows, batches;
    std::int64_t samples;     ///< N
    std::int64_t first_batch; ///< of the run
    const float* reference;   ///< ĝ, [Σ d_l, rows]
    const float* input;       ///< ŝ, [C, rows]
    const float* gate;        ///< gated chains, [Σ d_l, rows], 0 in the rows of means; else null

    /// Rows that mean something.
    FA_HOST_DEVICE std::int64_t used_rows() const { return batches * (samples + 1); }
};

/// n = ⟨a, ĝ⟩ and q = ‖a‖² by PlannedLayer::table, draw and row, [L+1, R_b, rows].
template <typename Real>
struct ProductTables {
    Real* numerator;
    Real* square;
};

/// Position of an index in nested loops, the innermost first.
struct Places {
    std::int64_t rest;
    FA_HOST_DEVICE explicit Places(std::int64_t index) : rest(index) {}
    FA_HOST_DEVICE std::int64_t next(std::int64_t extent)
    {
        const std::int64_t place = rest % extent;
        rest /= extent;
        return place;
    }
};

} // namespace fa::diagnostics::device
