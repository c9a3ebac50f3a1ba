#pragma once
/// The small networks that the learned-credit rules keep beside the one they train (design 2, sb and cb):
/// tensors `bridge.…` of a checkpoint.
///
/// Both see LayerNorm(h) (eps 1e-5), bridge.ln.{weight, bias} [d], so that a residual stream that grows
/// doesn't drive them out of their range. net(x) = fc3(gelu(fc2(gelu(fc1(x))))) with erf GELU:
/// bridge.fc1.{weight [m, inputs], bias [m]}, bridge.fc2.{weight [m, m'], …}, bridge.fc3.{weight [outputs,
/// m'], bias [outputs]}; any number of linear layers from one. t = l/L tells the layers apart.

#include "models/checkpoint.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fa::models {

enum class BridgeKind {
    state, ///< G(h, t) = h + net([LayerNorm(h), t]) predicts h_L
    credit ///< V(h, t, y) = net([LayerNorm(h), t, onehot(y)]) predicts the sample's loss
};

/// A function of named tensors, which may require grad (training) or not (audit); shared, not copied.
class Bridge {
  public:
    /// @param tensors  of a checkpoint; those that aren't `bridge.…` are passed over
    /// @param width    d, of every layer's hidden state
    /// @throws CheckpointError naming every tensor that is missing, left over or misshapen
    Bridge(BridgeKind kind, const std::map<std::string, at::Tensor>& tensors, std::int64_t width,
           std::int64_t classes);

    /// G(h, t), [N, d] → [N, d]. @pre kind state
    at::Tensor state(const at::Tensor& h, double t) const;
    /// V(h, t, onehot(y)), [N, d] → [N]. @pre kind credit. @param labels  [N] int64
    at::Tensor loss(const at::Tensor& h, double t, const at::Tensor& labels) const;

    /// In another precision, on another device, or both, as Network::to.
    Bridge to(const at::TensorOptions& place) const;
    /// Tensors with their names, in the order of the forward pass.
    std::vector<std::pair<std::string, at::Tensor>> named_tensors() const;

  private:
    struct Affine {
        at::Tensor weight;
        at::Tensor bias;
    };
    at::Tensor net(at::Tensor x) const;
    /// LayerNorm(h) and t, [N, d + 1].
    at::Tensor seen(const at::Tensor& h, double t) const;

    std::int64_t classes_;
    Affine ln_;
    std::vector<Affine> linear_;
};

/// Names and shapes of a bridge with three linear layers, `hidden` wide, in the order of the forward pass.
std::vector<std::pair<std::string, std::vector<std::int64_t>>>
bridge_layout(BridgeKind kind, std::int64_t width, std::int64_t classes, std::int64_t hidden);

/// The checkpoint without its bridge: what belongs to the network alone.
Checkpoint without_bridge(const Checkpoint& checkpoint);
/// Has it one?
bool has_bridge(const Checkpoint& checkpoint);

} // namespace fa::models
