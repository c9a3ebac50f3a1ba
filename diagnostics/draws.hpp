#pragma once
/// Fresh feedback matrices, keyed by (seed, purpose, draw, layer, element) (design 7). The bits come from
/// diagnostics/philox.hpp and diagnostics/normal.hpp, which know no LibTorch.

#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/normal.hpp"
#include "jobs/run_spec.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// Everything that decides a run's fresh draws. Runs with equal specs share them.
struct DrawSpec {
    std::uint64_t seed = 0;
    jobs::Distribution distribution = jobs::Distribution::normal;
    Propagation propagation = Propagation::direct;
    std::vector<models::MatrixShape> shapes; ///< of B_0 … B_L: `feedback_shapes`
    std::vector<double> scale; ///< standard deviation of the entries by layer, [L+1]; not used by `permute`
    bool shared = false;       ///< one B for all layers (layer 0's)
    std::vector<at::Tensor>
        permuted; ///< `permute`: the stored matrices whose entries are shuffled; else empty

    /// Equal specs have equal draws, bit for bit.
    bool operator==(const DrawSpec& other) const;
};

/// Scales and entries that the Γ engine can square in float32; no trained feedback is near these bounds.
inline constexpr double smallest_feedback_scale = 1e-12;
inline constexpr double largest_feedback_scale = 1e12;

/// One draw of one layer, float32, contiguous, of its shape.
///
/// `permute`: element e of the draw is the stored matrix's element argsort(key)[e], the 64-bit key of element
/// k being words 2k (high half) and 2k + 1 of the stream of purpose permute.
/// @throws std::invalid_argument naming what doesn't fit: widths, classes, scales, matrices
/// @throws std::out_of_range if `index` or `layer` is none
at::Tensor draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer);

/// Entries of a matrix of this shape with standard deviation `scale`, in row-major order.
/// @throws std::invalid_argument for `permute`, which draws nothing by itself
void fill_matrix(jobs::Distribution distribution, const random::Stream& stream, models::MatrixShape shape,
                 double scale, std::span<float> out);

/// @throws as `draw`, for any draw and layer
void check(const DrawSpec& spec);

/// Writes a draw of a checked spec row by row, rows `row_stride` floats apart.
/// @param buffer  memory for a few rows, kept from call to call
void write_draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer, float* to,
                std::int64_t row_stride, std::vector<float>& buffer);

} // namespace fa::diagnostics
