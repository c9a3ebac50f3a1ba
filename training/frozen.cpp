#include "training/rule.hpp"

namespace fa::training {
namespace {

class FrozenBlocks final : public LearningRule {
  public:
    bool trains(std::string_view tensor) const override { return !tensor.starts_with("blocks."); }

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        // The blocks' tensors don't require grad: the backward pass goes through them and leaves them alone.
        return rule_->update(network, batch, trainable);
    }

  private:
    std::unique_ptr<LearningRule> rule_ = backpropagation();
};

} // namespace

std::unique_ptr<LearningRule> frozen_blocks()
{
    return std::make_unique<FrozenBlocks>();
}

} // namespace fa::training
