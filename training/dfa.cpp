#include "training/rule.hpp"

#include <torch/csrc/autograd/autograd.h>

namespace fa::training {
namespace {

class DirectFeedbackAlignment final : public LearningRule {
  public:
    explicit DirectFeedbackAlignment(std::vector<at::Tensor> feedback) : feedback_(std::move(feedback)) {}

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        // Each learned output is a graph of its own: what it was computed from is detached.
        std::vector<at::Tensor> outputs{network.embed(batch.inputs)};
        auto h = outputs.front().detach();
        for (std::int64_t l = 0; l < network.depth(); ++l) {
            outputs.push_back(network.branch(l, h));
            h = h + outputs.back().detach();
        }
        const auto logits = network.head(h);
        const auto loss = at::cross_entropy_loss(logits, batch.labels);
        const auto error = output_error(logits.detach(), batch.labels);

        std::vector<at::Tensor> credit;
        for (const auto& feedback : feedback_)
            credit.push_back(at::matmul(error, feedback.t()));
        outputs.push_back(loss);
        credit.push_back(at::ones_like(loss));
        auto gradients = torch::autograd::grad(outputs, {trainable.begin(), trainable.end()}, credit);
        return {logits.detach(), std::move(gradients)};
    }

  private:
    /// ∂ mean loss / ∂ logits, [N, C]: (softmax − onehot)/N, in double like the audit's, then in the
    /// network's precision.
    static at::Tensor output_error(const at::Tensor& logits, const at::Tensor& labels)
    {
        const auto right = labels.unsqueeze(1);
        auto error = at::softmax(logits.to(at::kDouble), 1);
        error.scatter_(1, right, 0.0);
        error.scatter_(1, right, -error.sum(1, true));
        return (error / static_cast<double>(labels.size(0))).to(logits.scalar_type());
    }

    std::vector<at::Tensor> feedback_;
};

} // namespace

std::unique_ptr<LearningRule> direct_feedback_alignment(std::vector<at::Tensor> feedback)
{
    return std::make_unique<DirectFeedbackAlignment>(std::move(feedback));
}

} // namespace fa::training
