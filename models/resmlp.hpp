#pragma once
/// The pre-LayerNorm residual MLP of the protocol (design 2): h_0 = embed(x), h_{l+1} = h_l + f_l(h_l),
/// f(h) = fc2(gelu(fc1(LayerNorm(h)))) with erf GELU, logits = head(LayerNorm(h_L)).

#include "models/activation.hpp"
#include "models/fitting.hpp"
#include "models/staged_network.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fa::models {

inline constexpr double default_layer_norm_eps = 1e-5;

/// A function of named tensors. The tensors may require grad (training) or not (audit); they are shared, not
/// copied.
///
/// Names: embed.{weight [d, in], bias [d]}; blocks.<n>.ln.{weight, bias} [d], blocks.<n>.fc1.{weight [h, d],
/// bias [h]}, blocks.<n>.fc2.{weight [d, h], bias [d]} for n = 0 … L − 1; out_ln.{weight, bias} [d];
/// head.{weight [C, d], bias [C]}. The protocol's own code says w1, w2 and out_head for fc1, fc2 and head;
/// both are read.
class ResMlp final : public StagedNetwork {
  public:
    /// Floating tensors of any precision are accepted; they are brought to the widest among them, at least
    /// float32. Tensors named feedback.<l> are passed over. fc1, fc2 may lack their bias in every block.
    /// @throws CheckpointError naming every tensor that is missing, left over or misshapen, and what was
    /// expected
    explicit ResMlp(const Tensors& tensors, double layer_norm_eps = default_layer_norm_eps,
                    Activation activation = Activation::gelu);

    Activations forward(const at::Tensor& inputs) const override;
    std::vector<std::int64_t> widths() const override;
    std::optional<std::int64_t> features() const override { return embed_.weight.size(1); }
    std::int64_t classes() const override { return head_.weight.size(0); }
    std::string architecture() const override;
    std::unique_ptr<Network> to(const at::TensorOptions& place) const override;

    std::int64_t depth() const { return static_cast<std::int64_t>(blocks_.size()); }
    std::int64_t width() const { return embed_.weight.size(0); }
    double layer_norm_eps() const { return layer_norm_eps_; }

    /// h_0 of flattened inputs, [N, …] → [N, d].
    /// @throws std::invalid_argument if the inputs' size or precision doesn't fit
    at::Tensor embed(const at::Tensor& inputs) const override;
    /// h + f_l(h).
    at::Tensor layer(std::int64_t l, const at::Tensor& h) const override { return h + branch(l, h); }
    /// f_l(h), the residual branch without the skip, l = 0 … L − 1, [N, d] → [N, d].
    at::Tensor branch(std::int64_t l, const at::Tensor& h) const;
    /// Logits of the last hidden state, [N, d] → [N, C].
    at::Tensor head(const at::Tensor& h) const override;

    /// All tensors with their names, in the order of the forward pass.
    std::vector<std::pair<std::string, at::Tensor>> named_tensors() const;

  private:
    struct Block {
        Affine ln;
        Affine fc1;
        Affine fc2;
    };

    Affine embed_;
    std::vector<Block> blocks_;
    Affine out_ln_;
    Affine head_;
    double layer_norm_eps_;
    Activation activation_;
};

/// The names of a ResMLP of this shape with their shapes, in the order of the forward pass; `hidden` is h
/// above.
std::vector<std::pair<std::string, std::vector<std::int64_t>>>
resmlp_layout(std::int64_t features, std::int64_t width, std::int64_t hidden, std::int64_t depth,
              std::int64_t classes);

} // namespace fa::models
