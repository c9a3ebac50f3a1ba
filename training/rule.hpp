#pragma once
/// Learning rules: how a batch becomes the direction in which the optimiser moves the parameters.

#include "jobs/run_spec.hpp"
#include "models/bridge.hpp"
#include "models/resmlp.hpp"
#include "training/recipe.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

class LearningRule {
  public:
    virtual ~LearningRule() = default;

    /// Is the tensor of this name trained? The others keep their initial values.
    virtual bool trains(std::string_view tensor) const;

    /// Tensors that the rule learns for itself, saved with the network's; they require grad.
    virtual NamedTensors own_tensors() const { return {}; }

    /// @param network    whose tensors that are trained require grad
    /// @param trainable  those tensors and behind them the rule's own, in the order in which gradients are
    ///                   wanted
    virtual Update update(const models::ResMlp& network, const Batch& batch,
                          std::span<const at::Tensor> trainable) const = 0;
};

/// Backpropagation of the mean cross entropy.
std::unique_ptr<LearningRule> backpropagation();

/// Backpropagation with the blocks fixed at their initial values: the control of the "useful blocks"
/// diagnostic.
std::unique_ptr<LearningRule> frozen_blocks();

/// dfa, sdfa, drtp or fa on a residual network, local learning (training/local_learning.hpp) along a_l of
/// design 2.
/// @param feedback  B_0 … B_L, float32, of diagnostics::feedback_shapes
std::unique_ptr<LearningRule> feedback_alignment(jobs::Credit credit, std::vector<at::Tensor> feedback);

/// Local learning along the slope of the loss of the state that the bridge predicts (design 2, "sb"). The
/// bridge goes down the squared error of its prediction of h_L relative to ‖h_L‖², mean over samples and
/// layers 0 … L − 1, from detached states.
/// @param bridge  of kind state, its tensors requiring grad
std::unique_ptr<LearningRule> state_bridge(models::Bridge bridge);

/// Local learning along the slope of the loss that the bridge predicts (design 2, "cb"). The bridge goes down
/// its squared error, mean over samples and layers 0 … L, from detached states.
/// @param bridge  of kind credit, its tensors requiring grad
std::unique_ptr<LearningRule> credit_bridge(models::Bridge bridge);

/// Equilibrium propagation on the energy of design 2, "ep": see diagnostics/equilibrium.hpp.
/// @param beta   β, the nudge
/// @param steps  relaxation steps from the free states
/// @param step   size of a step
std::unique_ptr<LearningRule> equilibrium_propagation(double beta, std::int64_t steps, double step);

/// The rule of a recipe, as it is before the first update.
/// @param feedback  B_0 … B_L where the method uses them, else ignored
std::unique_ptr<LearningRule> make_rule(const Recipe& recipe, std::int64_t classes,
                                        std::vector<at::Tensor> feedback);

} // namespace fa::training
