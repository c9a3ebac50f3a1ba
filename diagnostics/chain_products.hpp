#pragma once
/// Numerators and squared lengths of every layer under the chain rules: a_L = B_L ŝ, then down the layers.

#include "diagnostics/gate_rows.hpp"
#include "diagnostics/layer_products.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// One batch on its way down.
struct ChainBatch {
    std::span<const at::Tensor> reference; ///< ĝ by layer, [N + 1, d_l] contiguous float32
    const InputRows& input;
    const GateRows* gates; ///< of the gated chains, else null

    std::size_t layers() const { return reference.size(); }
    /// Rows that go down themselves: all N + 1, or, where every sample has gates of its own and the mean of
    /// their credit is not the credit of their mean, the samples.
    std::int64_t rows() const { return reference.front().size(0) - (gates ? 1 : 0); }
};

/// Each draw goes from the top to the bottom before the next one starts, so that its credit vectors stay in
/// cache; a product [N, d]·[d, d] runs at full speed by itself.
///
/// Below L vectors are multiplied by the layers' gains (LayerDraws), which cosines don't feel: n and q of
/// layer l are those of a_l divided by `relative_lengths` (and GateRows::size), up to a common factor.
class ChainProducts {
  public:
    ChainProducts(Propagation propagation, const std::vector<models::MatrixShape>& shapes, std::int64_t rows);

    /// Overwrites `out`, one entry a layer.
    void operator()(const ChainBatch& batch, const DrawBlock& draws, std::span<LayerProducts> out);

    /// Bytes of the buffers of these shapes.
    static std::uint64_t bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                               std::int64_t rows);

  private:
    bool skip_;
    std::array<std::vector<float>, 2> credit_;  ///< a_{l+1} and a_l of one draw
    std::vector<float> scratch_;                ///< of the comparisons
    std::array<std::vector<double>, 2> double_; ///< of one pair
    std::vector<double> mean_;                  ///< gated chains: Σ_i a_i of one layer and draw
    std::vector<float> matrix_;                 ///< of one draw

    void carry_down(const ChainBatch& batch, const DrawBlock& draws, std::int64_t r,
                    std::span<LayerProducts> out);
    void compare_mean(const ChainBatch& batch, const DrawBlock& draws, std::size_t layer, std::int64_t r,
                      const float* credit, LayerProducts& out);
    void mean_in_double(const ChainBatch& batch, const DrawBlock& draws, std::size_t layer, std::int64_t r);
    void refine(const ChainBatch& batch, const DrawBlock& draws, std::span<LayerProducts> out);

    /// a_L … a_last of row i and draw r in double; visit(l, a_l).
    template <typename Visit>
    void carry_down_in_double(const ChainBatch& batch, const DrawBlock& draws, std::size_t i, std::int64_t r,
                              std::size_t last, const Visit& visit);
};

/// How much longer each layer's credit is than what n and q say of it, one over the product of the gains from
/// there up, all relative to the most lengthened layer: a long chain's would leave even double's range.
/// @param gains  of the layers (LayerDraws::gain)
void relative_lengths(std::span<const double> gains, std::span<double> lengths);

} // namespace fa::diagnostics
