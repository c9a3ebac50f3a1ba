#pragma once
/// σ′ on one batch's way down a gated chain (feedback_rule.hpp).

#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/gamma_inputs.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// The gates as the Γ engine multiplies by them, and what they leave out: their sizes.
class GateRows {
  public:
    /// @param propagation  a gated one
    GateRows(Propagation propagation, std::int64_t samples, std::size_t layers);

    /// A new batch, which must outlive its use.
    void hold(const GammaInputs& batch);

    /// Is credit compared before the gates of its own layer are on it (hidden states after the activation)?
    bool compared_first() const { return compared_first_; }
    /// Gates of a layer, [N, d_l].
    const float* gate(std::size_t layer) const { return gate_[layer].const_data_ptr<float>(); }
    /// How much longer each sample's credit is than what the engine's n and q say of it, [N], relative to a
    /// sample whose gates are all 1.
    std::span<const double> size(std::size_t layer) const { return of_layer(size_, layer); }
    /// Each sample's weight in the batch's mean credit: ‖s‖·size, both relative to the batch's largest.
    std::span<const double> weight(std::size_t layer) const { return of_layer(weight_, layer); }

    static std::uint64_t bytes(std::int64_t samples, std::size_t layers);

  private:
    bool compared_first_;
    std::size_t samples_;
    std::vector<at::Tensor> gate_;      ///< the batch's, contiguous
    std::vector<double> size_, weight_; ///< [L+1, N]

    std::span<const double> of_layer(const std::vector<double>& table, std::size_t layer) const
    {
        return std::span(table).subspan(layer * samples_, samples_);
    }
};

} // namespace fa::diagnostics
