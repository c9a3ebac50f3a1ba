/// CB: a small network V predicts the sample's loss from each h_l and the label; the credit of h_l is the
/// slope of what it predicts.
#include "diagnostics/bridge_credit.hpp"
#include "training/local_learning.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <utility>

namespace fa::training {
namespace {

class CreditBridge final : public LearningRule {
  public:
    explicit CreditBridge(models::Bridge bridge) : bridge_(std::move(bridge)) {}

    NamedTensors own_tensors() const override { return bridge_.named_tensors(); }

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        const auto pass = local_pass(network, batch);
        const auto losses =
            at::cross_entropy_loss(pass.logits.detach(), batch.labels, {}, at::Reduction::None);
        std::vector<at::Tensor> credit;
        std::vector<at::Tensor> misses;
        for (std::size_t l = 0; l < pass.hidden.size(); ++l) {
            const auto h = pass.hidden[l].detach().requires_grad_();
            const auto predicted =
                bridge_.loss(h, diagnostics::layer_time(l, pass.hidden.size()), batch.labels);
            credit.push_back(
                torch::autograd::grad({predicted.mean()}, {h}, {}, /*retain_graph=*/true).front());
            misses.push_back((predicted - losses).square().mean());
        }
        return local_update(pass, std::move(credit), trainable, at::stack(misses).mean());
    }

  private:
    models::Bridge bridge_;
};

} // namespace

std::unique_ptr<LearningRule> credit_bridge(models::Bridge bridge)
{
    return std::make_unique<CreditBridge>(std::move(bridge));
}

} // namespace fa::training
