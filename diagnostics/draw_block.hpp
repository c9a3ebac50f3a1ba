#pragma once
/// Blocks of draws in the layout in which the Γ engine multiplies them (design 9, "The Γ engine").

#include "diagnostics/draws.hpp"
#include "jobs/plan.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fa::diagnostics {

/// One layer's matrices B¹ … Bᴿ of a block.
struct LayerDraws {
    at::Tensor matrices; ///< [R_b, rows, columns] float32
    at::Tensor joined; ///< the same memory as one matrix [B¹ … Bᴿ], [d, R_b·C], where there are Gram matrices
    at::Tensor gram;   ///< `packed_gram`, [C(C+1)/2, R_b] float32; undefined: the direct form
    at::Tensor largest; ///< [R_b] float32: the squared length of each draw's longest column
    double gain = 1.0;  ///< chains: a factor (a float's value) that keeps ‖a_l‖ near ‖a_{l+1}‖ whatever the
                        ///< scale of B
    at::Tensor memory;  ///< what `matrices` is a view of
};

/// Shared feedback is one tensor under every layer.
struct DrawBlock {
    jobs::Range draws;
    std::vector<LayerDraws> layers;
    std::vector<float> rows; ///< scratch of make_block
    at::Tensor gram_scratch; ///< likewise
};

/// The same bits as `draw`, whichever block a draw falls in. Fills `block` in the memory that it has where
/// that suffices: it may be empty or hold any block that nobody else reads.
/// @throws as `draw`
void make_block(const DrawSpec& spec, jobs::Range draws, DrawBlock& block);
DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws);

/// Bytes of a block of `draws` draws.
std::uint64_t block_bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                          bool shared, std::int64_t draws);

/// Is ‖Bê‖ cheaper by BᵀB than by Bê itself? Per sample and draw the quadratic form takes C² flops, and the
/// dot products of Bê with ĝ and with itself 4d, everything else being equal (the products ĝB and Bê cost the
/// same). C > d would make BᵀB singular. In a chain the next layer needs Bê itself.
bool gram_is_cheaper(Propagation propagation, models::MatrixShape shape) noexcept;

/// BᵀB of each draw, its upper triangle row by row, entries off the diagonal doubled: ‖Bê‖² = Σ_{j≤k}
/// packed_jk ê_j ê_k.
/// @param joined  [d, R_b·C]
/// @param scratch  undefined, or memory of an earlier call
/// @param packed   likewise; [C(C+1)/2, R_b] afterwards
void packed_gram(const at::Tensor& joined, std::int64_t classes, at::Tensor& scratch, at::Tensor& packed);

} // namespace fa::diagnostics
