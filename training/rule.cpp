#include "training/rule.hpp"

#include "training/initialise.hpp"

#include <stdexcept>
#include <utility>

namespace fa::training {

bool LearningRule::trains(std::string_view) const
{
    return true;
}

namespace {

models::Bridge new_bridge(models::BridgeKind kind, const Recipe& recipe, std::int64_t classes)
{
    auto tensors = initial_bridge(kind, recipe.seed, recipe.width, classes, recipe.bridge_width);
    for (auto& [name, tensor] : tensors)
        tensor.requires_grad_();
    return {kind, tensors, recipe.width, classes};
}

} // namespace

std::unique_ptr<LearningRule> make_rule(const Recipe& recipe, std::int64_t classes,
                                        std::vector<at::Tensor> feedback)
{
    switch (recipe.method) {
    case Method::bp:
        return backpropagation();
    case Method::frozen:
        return frozen_blocks();
    case Method::dfa:
    case Method::sdfa:
    case Method::drtp:
    case Method::fa:
        return feedback_alignment(*credit_of(recipe.method), std::move(feedback));
    case Method::sb:
        return state_bridge(new_bridge(models::BridgeKind::state, recipe, classes));
    case Method::cb:
        return credit_bridge(new_bridge(models::BridgeKind::credit, recipe, classes));
    case Method::ep:
        return equilibrium_propagation(recipe.ep_beta, recipe.ep_steps, recipe.ep_step);
    }
    throw std::logic_error("a method without a learning rule");
}

} // namespace fa::training
