#pragma once
/// The vector forms of fresh Γ (design 3): `flat` and `concat`, summed in double from the engine's n and q.

#include "diagnostics/layer_products.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace fa::diagnostics {

/// Lengths of g and e relative to the longest of the batch (flat) or of the sample's layers (concat), so that
/// no square under- or overflows however small ‖e‖ and ‖g‖ are. Cosines don't change.
class FreshVectorForms {
  public:
    /// @param gradient_norm  ‖g‖, [N, L+1] float64; 0: a zero vector, which adds 0; not finite: the result is
    /// undefined
    /// @param error_norm     ‖e‖, [N] float64, likewise
    FreshVectorForms(const at::Tensor& gradient_norm, const at::Tensor& error_norm, std::int64_t draws);

    /// Adds one layer to the sums.
    /// @returns flat of that layer, [R]
    std::vector<float> add_layer(std::size_t layer, const LayerProducts& products);

    /// [N, R] row-major, once all layers are added.
    std::vector<float> concat() const;

  private:
    std::int64_t samples_, layers_, draws_;
    std::vector<double> gradient_, error_;          ///< ‖g‖ [N, L+1], ‖e‖ [N]
    std::vector<double> longest_gradient_;          ///< max_l ‖g_l‖ of each sample, [N]
    std::vector<double> numerator_, credit_square_; ///< concat's sums over layers, [N, R]

    double gradient(std::int64_t sample, std::size_t layer) const;
};

} // namespace fa::diagnostics
