#include "training/optimiser.hpp"

#include <torch/optim/adam.h>

namespace fa::training {

struct Adam::State {
    std::vector<at::Tensor> parameters;
    torch::optim::Adam adam;
};

Adam::Adam(std::vector<at::Tensor> parameters)
    : state_(new State{parameters, torch::optim::Adam(parameters, torch::optim::AdamOptions())})
{
}

Adam::~Adam() = default;

void Adam::step(const std::vector<at::Tensor>& gradients, double learning_rate)
{
    for (std::size_t i = 0; i < state_->parameters.size(); ++i)
        state_->parameters[i].mutable_grad() = gradients.at(i);
    for (auto& group : state_->adam.param_groups())
        group.options().set_lr(learning_rate);
    state_->adam.step();
}

} // namespace fa::training
