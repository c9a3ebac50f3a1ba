#pragma once
/// The vector forms of fresh Γ (design 3): `flat` and `concat`, summed in double from the engine's n and q.

#include "diagnostics/layer_products.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// Lengths of g and s relative to the longest of the batch (flat) or of the sample's layers (concat), so that
/// no square under- or overflows however small they are. Cosines don't change.
class FreshVectorForms {
  public:
    /// Buffers for N samples.
    FreshVectorForms(std::int64_t samples, std::int64_t layers, std::int64_t most_draws);

    /// A new batch and block.
    /// @param gradient_norm  ‖g‖, [N, L+1] float64; 0: a zero vector, which adds 0; not finite: the result is
    /// undefined
    /// @param input_norm     ‖s‖, [N] float64, likewise
    void begin(const at::Tensor& gradient_norm, const at::Tensor& input_norm, std::int64_t draws);

    /// Adds one layer to the sums.
    /// @param length  the factor by which this layer's credit vectors are longer than those of n and q
    /// @param sizes   likewise by sample (GateRows::size), [N]; empty: 1
    /// @returns flat of that layer, [R]; valid until the next call
    std::span<const float> add_layer(std::size_t layer, const LayerProducts& products, double length,
                                     std::span<const double> sizes = {});

    /// [N, R] row-major, once all layers are added; valid until the next batch.
    std::span<const float> concat();

    /// Bytes of the buffers.
    static std::uint64_t bytes(std::int64_t samples, std::int64_t layers, std::int64_t most_draws);

  private:
    std::int64_t samples_, layers_, draws_ = 0;
    std::vector<double> gradient_, input_;             ///< ‖g‖ [N, L+1], ‖s‖ [N]
    std::vector<double> longest_gradient_;             ///< max_l ‖g_l‖ of each sample, [N]
    std::vector<double> numerator_, credit_square_;    ///< concat's sums over layers, [N, R]
    std::vector<double> flat_numerator_, flat_square_; ///< [R]
    std::vector<float> flat_, concat_;                 ///< [R], [N, R]

    double gradient(std::int64_t sample, std::size_t layer) const;
    void add_sample(std::int64_t sample, std::size_t layer, const LayerProducts& products, double length);
};

} // namespace fa::diagnostics
