#pragma once
/// A plain MLP without skips, as the older literature has: linear layers of any widths with one activation
/// between them, logits = W_{L+1} σ(…) + b.

#include "models/activation.hpp"
#include "models/fitting.hpp"
#include "models/staged_network.hpp"

#include <vector>

namespace fa::models {

/// h_0 … h_L are the states of the hidden layers, h_0 that of the first: h_l = σ(W_l h_{l−1} + b_l) after the
/// activation, or W_l σ(h_{l−1}) + b_l before it; W_0 acts on the flattened input. The last linear layer is
/// the head.
class Mlp final : public StagedNetwork {
  public:
    /// @param tensors  `<layer>.weight` [outputs, inputs] and, for any of the layers, `<layer>.bias`
    /// [outputs]; the order is that of mlp_chain()
    /// @throws CheckpointError naming the tensor that doesn't fit or is left over
    Mlp(const Tensors& tensors, Activation activation, HiddenStates states);

    Activations forward(const at::Tensor& inputs) const override;
    std::vector<std::int64_t> widths() const override;
    std::optional<std::int64_t> features() const override { return layers_.front().weight.size(1); }
    std::int64_t classes() const override { return layers_.back().weight.size(0); }
    std::string architecture() const override;
    std::unique_ptr<Network> to(const at::TensorOptions& place) const override;
    std::optional<HiddenStates> plain_states() const override { return states_; }
    std::vector<at::Tensor> gates(const at::Tensor& inputs) const override;

    at::Tensor embed(const at::Tensor& inputs) const override;
    at::Tensor layer(std::int64_t l, const at::Tensor& h) const override;
    at::Tensor head(const at::Tensor& h) const override;

  private:
    /// W_0 x + b of the first layer.
    at::Tensor first_sum(const at::Tensor& inputs) const;
    /// The hidden state of a hidden layer's sum W x + b.
    at::Tensor state(const at::Tensor& sum) const;
    /// What a layer makes of the state below it, its own sum.
    at::Tensor sum_above(const Affine& layer, const at::Tensor& h) const;

    std::vector<Affine> layers_; ///< the hidden ones, then the head
    Activation activation_;
    HiddenStates states_;
};

} // namespace fa::models
