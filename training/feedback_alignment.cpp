/// The rules with feedback matrices: dfa, sdfa, drtp and fa, each by the very credit signal that is audited.
#include "diagnostics/credit.hpp"
#include "training/local_learning.hpp"

#include <utility>

namespace fa::training {
namespace {

class FeedbackAlignment final : public LearningRule {
  public:
    FeedbackAlignment(jobs::Credit credit, std::vector<at::Tensor> feedback)
        : signal_(credit, jobs::Loss::cross_entropy, std::move(feedback))
    {
    }

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        const auto pass = local_pass(network, batch);
        const auto logits = pass.logits.detach();
        auto credit = signal_.of_error(output_error(logits, batch.labels), batch.labels);
        for (auto& rows : credit)
            rows = rows / static_cast<double>(batch.labels.size(0));
        return local_update(pass, std::move(credit), trainable);
    }

  private:
    /// ∂ℓ_i/∂logits_i, [N, C]: softmax − onehot, in double like the audit's, then in the network's precision.
    static at::Tensor output_error(const at::Tensor& logits, const at::Tensor& labels)
    {
        const auto right = labels.unsqueeze(1);
        auto error = at::softmax(logits.to(at::kDouble), 1);
        error.scatter_(1, right, 0.0);
        error.scatter_(1, right, -error.sum(1, true));
        return error.to(logits.scalar_type());
    }

    diagnostics::FeedbackCredit signal_;
};

} // namespace

std::unique_ptr<LearningRule> feedback_alignment(jobs::Credit credit, std::vector<at::Tensor> feedback)
{
    return std::make_unique<FeedbackAlignment>(credit, std::move(feedback));
}

} // namespace fa::training
