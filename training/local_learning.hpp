#pragma once
/// What the local rules share (design 11): h_0 = embed(x) is moved along its own credit a_0 and block l's
/// branch f_{l−1}(h_{l−1}), its input detached, along a_l; out_ln and head by their own gradient.

#include "training/rule.hpp"

#include <ATen/ATen.h>

#include <optional>
#include <span>
#include <vector>

namespace fa::training {

/// A forward pass in which each learned output is a graph of its own: what it was computed from is detached.
struct LocalPass {
    std::vector<at::Tensor>
        outputs; ///< embed(x), then f_{l−1}(h_{l−1}), [N, d] each, of their tensors' graphs
    std::vector<at::Tensor> hidden; ///< h_0 … h_L, constants
    at::Tensor logits;              ///< [N, C], of the graph of out_ln and head
    at::Tensor loss;                ///< mean cross entropy, a scalar of that graph
};
LocalPass local_pass(const models::ResMlp& network, const Batch& batch);

/// Gradients of the trainable tensors.
/// @param credit    a_0 … a_L at the mean-loss scale, [N, d] each
/// @param own_loss  of the tensors that the rule learns for itself: they go down its slope
Update local_update(const LocalPass& pass, std::vector<at::Tensor> credit,
                    std::span<const at::Tensor> trainable, const std::optional<at::Tensor>& own_loss = {});

} // namespace fa::training
