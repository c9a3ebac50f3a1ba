#pragma once
/// Blocks of draws in the layout in which the Γ engine multiplies them (design 9, "The Γ engine").

#include "diagnostics/draws.hpp"
#include "jobs/plan.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fa::diagnostics {

/// How a layer's draws are multiplied.
enum class Form {
    gram,   ///< all at once, ĝ·[B¹ … Bᴿ], lengths from Gram matrices
    direct, ///< draw by draw, Bŝ
};

/// One layer's matrices B¹ … Bᴿ of a block, packed for `ProductKernel`.
struct LayerDraws {
    Form form = Form::direct;
    std::int64_t draws = 0;
    models::MatrixShape shape{};
    at::Tensor panels;  ///< float32; gram: of [B¹ … Bᴿ], draw r's column j at r·C + j, [⌈R·C/16⌉, d, 16];
                        ///< direct: of each draw's transpose, [R, ⌈rows/16⌉, columns, 16]
    at::Tensor gram;    ///< `packed_gram`, [C(C+1)/2, padded(R)] float32; empty in the direct form
    at::Tensor largest; ///< [R] float32: the squared length of each draw's longest column
    double gain = 1.0;  ///< chains: a factor (a float's value) that keeps ‖a_l‖ near ‖a_{l+1}‖ whatever the
                        ///< scale of B

    /// Panels of one draw's transpose.
    /// @pre the direct form
    const float* direct_panels(std::int64_t r) const;
    /// Draw r as it was before it was packed, row-major.
    void unpack(std::int64_t r, std::vector<float>& matrix) const;
};

/// Shared feedback is one tensor under every layer.
struct DrawBlock {
    jobs::Range draws;
    std::vector<LayerDraws> layers;
};

/// Memory that making one block after another goes through.
struct DrawScratch {
    std::vector<float> plain, rows, sums;
};

/// The same bits as `draw`, whichever block a draw falls in. Fills `block` in the memory that it has where
/// that suffices: it may be empty or hold any block that nobody else reads.
/// @throws as `draw`
void make_block(const DrawSpec& spec, jobs::Range draws, DrawBlock& block, DrawScratch& scratch);
DrawBlock draw_block(const DrawSpec& spec, jobs::Range draws);

/// LayerDraws::gain of a layer of these draws.
double chain_gain(const DrawSpec& spec, std::size_t layer);

/// Bytes of a DrawScratch that makes blocks of `draws` draws.
std::uint64_t scratch_bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                            std::int64_t draws);

/// Bytes of a block of `draws` draws.
std::uint64_t block_bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                          bool shared, std::int64_t draws);

/// Is ‖Bŝ‖ cheaper by BᵀB than by Bŝ itself? Per sample and draw the quadratic form takes C² flops, and the
/// dot products of Bŝ with ĝ and with itself 4d, everything else being equal (the products ĝB and Bŝ cost the
/// same). C > d would make BᵀB singular. In a chain the next layer needs Bŝ itself.
Form form_of(Propagation propagation, models::MatrixShape shape) noexcept;

/// An empty layer of that many draws, in the memory that it has where that suffices; then all draws at once
/// (gram) or one by one (direct) are packed into it.
void begin_layer(Form form, models::MatrixShape shape, std::int64_t draws, LayerDraws& layer);
/// @param joined  [B¹ … Bᴿ], [d, R·C]
void pack_joined(const float* joined, LayerDraws& layer, std::vector<float>& sums);
/// @param matrix  draw r, [rows, columns]
void pack_draw(const float* matrix, std::int64_t r, LayerDraws& layer, std::vector<float>& sums);

/// BᵀB of each draw, its upper triangle row by row, entries off the diagonal doubled: ‖Bŝ‖² = Σ_{j≤k}
/// packed_jk ŝ_j ŝ_k.
/// @param joined  [B¹ … Bᴿ], [d, R·C]
/// @param packed  [C(C+1)/2, padded(R)], zeros from draw R on (diagnostics/gamma_kernel.hpp)
void packed_gram(const float* joined, models::MatrixShape shape, std::int64_t draws,
                 std::vector<float>& scratch, float* packed);

} // namespace fa::diagnostics
