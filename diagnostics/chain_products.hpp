#pragma once
/// Numerators and squared lengths of every layer under fa and fa_noskip: a_L = B_L ŝ, then down the layers.

#include "diagnostics/layer_products.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// Each draw goes from the top to the bottom before the next one starts, so that its credit vectors stay in
/// cache; a product [N, d]·[d, d] runs at full speed by itself.
///
/// Below L vectors are multiplied by the layers' gains (LayerDraws), which cosines don't feel: n and q of
/// layer l are those of a_l times `weight(l)`.
class ChainProducts {
  public:
    ChainProducts(Propagation propagation, const std::vector<models::MatrixShape>& shapes, std::int64_t rows);

    /// Overwrites `out`, one entry a layer.
    /// @param reference  ĝ by layer, [N + 1, d_l] contiguous float32
    void operator()(std::span<const at::Tensor> reference, const InputRows& input, const DrawBlock& draws,
                    std::span<LayerProducts> out);

    /// Bytes of the buffers of these shapes.
    static std::uint64_t bytes(const std::vector<models::MatrixShape>& shapes, std::int64_t rows);

  private:
    bool skip_;
    std::array<std::vector<float>, 2> credit_;  ///< a_{l+1} and a_l of one draw
    std::vector<float> scratch_;                ///< of the comparisons
    std::array<std::vector<double>, 2> double_; ///< of one pair
    std::vector<float> matrix_;                 ///< of one draw

    void carry_down(std::span<const at::Tensor> reference, const InputRows& input, const DrawBlock& draws,
                    std::int64_t r, std::span<LayerProducts> out);
    void refine(std::span<const at::Tensor> reference, const InputRows& input, const DrawBlock& draws,
                std::span<LayerProducts> out);
    void carry_down_in_double(std::span<const at::Tensor> reference, const InputRows& input,
                              const DrawBlock& draws, std::size_t i, std::int64_t r, std::size_t from,
                              std::span<LayerProducts> out);
};

/// What n of layer l carries beside ⟨a_l, ĝ⟩: the product of the gains from l up; 1 for the direct rules.
double weight_of_layer(const DrawBlock& draws, std::size_t layer) noexcept;

} // namespace fa::diagnostics
