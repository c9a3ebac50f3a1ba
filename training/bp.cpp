#include "training/rule.hpp"

#include <torch/csrc/autograd/autograd.h>

namespace fa::training {
namespace {

class Backpropagation final : public LearningRule {
  public:
    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        const auto logits = network.forward(batch.inputs).logits;
        const auto loss = at::cross_entropy_loss(logits, batch.labels);
        auto gradients = torch::autograd::grad({loss}, {trainable.begin(), trainable.end()});
        return {logits.detach(), std::move(gradients)};
    }
};

} // namespace

std::unique_ptr<LearningRule> backpropagation()
{
    return std::make_unique<Backpropagation>();
}

} // namespace fa::training
