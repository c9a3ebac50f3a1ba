#pragma once
/// Fresh feedback matrices, keyed by (seed, purpose, draw, layer, element) (design 7). The bits come from
/// diagnostics/philox.hpp and diagnostics/normal.hpp, which know no LibTorch.

#include "diagnostics/normal.hpp"
#include "jobs/plan.hpp"
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
    std::vector<std::int64_t> widths; ///< d_l, [L+1]
    std::int64_t classes = 0;         ///< C
    std::vector<double> scale; ///< standard deviation of the entries by layer, [L+1]; not used by `permute`
    bool shared = false;       ///< one B for all layers (layer 0's)
    std::vector<at::Tensor>
        permuted; ///< `permute`: the stored matrices whose entries are shuffled; else empty
};

/// Scales and entries that the Γ engine can square in float32; no trained feedback is near these bounds.
inline constexpr double smallest_feedback_scale = 1e-12;
inline constexpr double largest_feedback_scale = 1e12;

/// One draw of one layer, [d_l, C] float32, contiguous.
///
/// `permute`: element e of the draw is the stored matrix's element argsort(key)[e], the 64-bit key of element
/// k being words 2k (high half) and 2k + 1 of the stream of purpose permute.
/// @throws std::invalid_argument naming what doesn't fit: widths, classes, scales, matrices
/// @throws std::out_of_range if `index` or `layer` is none
at::Tensor draw(const DrawSpec& spec, std::int64_t index, std::int64_t layer);

/// Entries of a [rows, columns] matrix with standard deviation `scale`, in row-major order.
/// @throws std::invalid_argument for `permute`, which draws nothing by itself
void fill_matrix(jobs::Distribution distribution, const random::Stream& stream, std::int64_t rows,
                 std::int64_t columns, double scale, std::span<float> out);

/// A block of draws as the Γ engine multiplies them. Shared feedback is one tensor under every layer.
struct DrawBlock {
    jobs::Range draws;
    std::int64_t classes = 0;        ///< C
    std::vector<at::Tensor> columns; ///< per layer [d_l, R_b · C] float32: draw r's column j at r·C + j
    std::vector<at::Tensor> gram; ///< per layer [C(C+1)/2, R_b] float32, packed; undefined: the direct form
    std::vector<at::Tensor>
        largest; ///< per layer [R_b] float32: the squared length of each draw's longest column
};

/// The same bits as `draw`, whichever block a draw falls in.
/// @throws as `draw`
DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws);

/// Is ‖Bê‖ cheaper by BᵀB than by Bê itself? Per sample and draw the quadratic form takes C² flops, and the
/// dot products of Bê with ĝ and with itself 4d, everything else being equal (the products ĝB and Bê cost the
/// same). C > d would make BᵀB singular.
bool gram_is_cheaper(std::int64_t width, std::int64_t classes) noexcept;

/// BᵀB of each draw, its upper triangle row by row, entries off the diagonal doubled: ‖Bê‖² = Σ_{j≤k}
/// packed_jk ê_j ê_k.
/// @param columns [d, R_b·C]
/// @returns [C(C+1)/2, R_b]
at::Tensor packed_gram(const at::Tensor& columns, std::int64_t classes);

/// ê_j ê_k for j ≤ k, the order of `packed_gram`.
/// @param error [N, C]
/// @returns [N, C(C+1)/2]
at::Tensor packed_squares(const at::Tensor& error);

} // namespace fa::diagnostics
