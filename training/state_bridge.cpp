/// SB: a small network G predicts h_L from each h_l; the credit of h_l is the slope of the loss of what it
/// predicts.
#include "diagnostics/bridge_credit.hpp"
#include "training/local_learning.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <utility>

namespace fa::training {
namespace {

class StateBridge final : public LearningRule {
  public:
    explicit StateBridge(models::Bridge bridge) : bridge_(std::move(bridge)) {}

    NamedTensors own_tensors() const override { return bridge_.named_tensors(); }

    Update update(const models::ResMlp& network, const Batch& batch,
                  std::span<const at::Tensor> trainable) const override
    {
        const auto pass = local_pass(network, batch);
        std::vector<at::Tensor> credit;
        for (std::size_t l = 0; l < pass.hidden.size(); ++l)
            credit.push_back(credit_of(network, pass.hidden[l], l, pass.hidden.size(), batch.labels));
        return local_update(pass, std::move(credit), trainable, prediction_loss(pass.hidden));
    }

  private:
    at::Tensor credit_of(const models::ResMlp& network, const at::Tensor& hidden, std::size_t layer,
                         std::size_t layers, const at::Tensor& labels) const
    {
        const auto h = hidden.detach().requires_grad_();
        const auto logits = diagnostics::predicted_logits(bridge_, network, h, layer, layers);
        return torch::autograd::grad({at::cross_entropy_loss(logits, labels)}, {h}).front();
    }

    /// Mean over samples and layers 0 … L − 1 of ‖G(h_l, l/L) − h_L‖²/‖h_L‖².
    at::Tensor prediction_loss(const std::vector<at::Tensor>& hidden) const
    {
        const auto& last = hidden.back();
        const auto size = last.square().sum(1);
        std::vector<at::Tensor> layers;
        for (std::size_t l = 0; l + 1 < hidden.size(); ++l) {
            const auto predicted = bridge_.state(hidden[l], diagnostics::layer_time(l, hidden.size()));
            layers.push_back(((predicted - last).square().sum(1) / size).mean());
        }
        return at::stack(layers).mean();
    }

    models::Bridge bridge_;
};

} // namespace

std::unique_ptr<LearningRule> state_bridge(models::Bridge bridge)
{
    return std::make_unique<StateBridge>(std::move(bridge));
}

} // namespace fa::training
