#pragma once
/// Learning rules: how a batch becomes the direction in which the optimiser moves the parameters.

#include "models/resmlp.hpp"
#include "training/recipe.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace fa::training {

/// N training samples.
struct Batch {
    at::Tensor inputs; ///< [N, features] float32
    at::Tensor labels; ///< [N] int64
};

/// What a rule makes of a batch.
struct Update {
    at::Tensor logits; ///< [N, C], of the network as it was before the update; not part of a graph
    std::vector<at::Tensor>
        gradients; ///< one for each trainable tensor, of its shape; at the mean-loss scale
};

class LearningRule {
  public:
    virtual ~LearningRule() = default;

    /// Is the tensor of this name trained? The others keep their initial values.
    virtual bool trains(std::string_view tensor) const;

    /// @param network    whose tensors that are trained require grad
    /// @param trainable  those tensors, in the order in which gradients are wanted
    virtual Update update(const models::ResMlp& network, const Batch& batch,
                          std::span<const at::Tensor> trainable) const = 0;
};

/// Backpropagation of the mean cross entropy.
std::unique_ptr<LearningRule> backpropagation();

/// Backpropagation with the blocks fixed at their initial values: the control of the "useful blocks"
/// diagnostic.
std::unique_ptr<LearningRule> frozen_blocks();

/// Direct feedback alignment on a residual network (design 11): h_0 = embed(x) is moved along B_0 e, and
/// block l's branch f_{l−1}(h_{l−1}), its input detached, along B_l e; out_ln and head by their own gradient.
/// @param feedback  B_0 … B_L, [d, C] float32 each
std::unique_ptr<LearningRule> direct_feedback_alignment(std::vector<at::Tensor> feedback);

/// Equilibrium propagation on the energy of design 2, "ep": see training/ep.cpp.
/// @param beta   β, the nudge
/// @param steps  relaxation steps from the free states
/// @param step   size of a step
std::unique_ptr<LearningRule> equilibrium_propagation(double beta, std::int64_t steps, double step);

/// The rule of a recipe.
/// @param feedback  B_0 … B_L where the method uses them, else ignored
std::unique_ptr<LearningRule> make_rule(const Recipe& recipe, std::vector<at::Tensor> feedback);

} // namespace fa::training
