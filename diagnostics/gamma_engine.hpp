#pragma once
/// The Γ engine: a block of draws on one batch (design 9, "The Γ engine").

#include "diagnostics/chain_products.hpp"
#include "diagnostics/draw_block.hpp"
#include "diagnostics/fresh_vector_forms.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "diagnostics/layer_products.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// Γ of a block of R_b draws on one batch; float32 on the CPU, one canonical NaN for undefined.
struct FreshGamma {
    at::Tensor gamma;    ///< [R_b, N, L+1]
    at::Tensor batchvec; ///< [R_b, L+1]
    at::Tensor flat;     ///< [R_b, L+1]
    at::Tensor concat;   ///< [R_b, N]
};

/// Γ = n/√q with n = ⟨a, ĝ⟩ and q = ‖a‖² of the credit a of the unit vector ŝ, to 2e-6 of the exact value for
/// the float32 inputs (down a chain of more than 24 layers about 1e-7 a layer).
///
/// Direct rules, layers whose block has Gram matrices: n from the product ĝ·[B¹ … Bᴿ] contracted with ŝ, q =
/// ŝᵀ(BᵀB)ŝ. Other layers, where C is not small against d, and chains: a itself. All lose digits where B
/// nearly cancels what it multiplies: such pairs of draw and sample are computed again in double
/// (`fragile_share`).
///
/// Every value's bits depend on its batch and its block alone: the shapes of all products follow from N and
/// R_b. Nothing is allocated from batch to batch or block to block.
class GammaEngine {
  public:
    /// Buffers for batches of N samples and blocks of at most `most_draws` draws.
    /// @param shapes  of B_0 … B_L
    GammaEngine(Propagation propagation, const std::vector<models::MatrixShape>& shapes, std::int64_t samples,
                std::int64_t most_draws);

    /// Writes into `out`, whose tensors may be views of larger ones.
    /// @throws std::invalid_argument if shapes disagree
    void operator()(const GammaInputs& batch, const DrawBlock& draws, const FreshGamma& out);

    /// Bytes of the buffers.
    static std::uint64_t bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                               std::int64_t samples, std::int64_t most_draws);

  private:
    std::vector<models::MatrixShape> shapes_;
    std::int64_t samples_, most_draws_;
    InputRows input_;
    std::vector<at::Tensor> reference_;   ///< the batch's, contiguous
    std::vector<double> gains_, lengths_; ///< by layer: LayerDraws::gain, `relative_lengths`
    std::optional<DirectProducts> direct_;
    std::optional<ChainProducts> chain_;
    std::optional<GateRows> gates_;       ///< of the gated chains
    std::vector<LayerProducts> products_; ///< a chain's layers; of the direct rules one, used by all
    FreshVectorForms forms_;

    void check(const GammaInputs& batch, const DrawBlock& draws, const FreshGamma& out) const;
    void check_gates(const GammaInputs& batch) const;
    void put(std::size_t layer, const LayerProducts& products, std::span<const float> flat,
             const FreshGamma& out) const;
};

/// One batch and one block in memory of their own.
FreshGamma gamma_of_draws(Propagation propagation, const GammaInputs& batch, const DrawBlock& draws);

} // namespace fa::diagnostics
