#include "training/rule.hpp"

#include <stdexcept>
#include <utility>

namespace fa::training {

bool LearningRule::trains(std::string_view) const
{
    return true;
}

std::unique_ptr<LearningRule> make_rule(const Recipe& recipe, std::vector<at::Tensor> feedback)
{
    switch (recipe.method) {
    case Method::bp:
        return backpropagation();
    case Method::frozen:
        return frozen_blocks();
    case Method::dfa:
        return direct_feedback_alignment(std::move(feedback));
    case Method::ep:
        return equilibrium_propagation(recipe.ep_beta, recipe.ep_steps, recipe.ep_step);
    }
    throw std::logic_error("a method without a learning rule");
}

} // namespace fa::training
