#include "diagnostics/bridge_credit.hpp"

#include "diagnostics/staged.hpp"
#include "diagnostics/usual_loss.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

namespace fa::diagnostics {
namespace {

at::Tensor leaf(const at::Tensor& h)
{
    return h.detach().requires_grad_();
}

/// ∂⟨output, seed⟩/∂h, a constant.
at::Tensor slope(const at::Tensor& output, const at::Tensor& h, const at::Tensor& seed = {})
{
    return torch::autograd::grad({output}, {h}, {seed}).front();
}

} // namespace

double layer_time(std::size_t layer, std::size_t layers)
{
    return static_cast<double>(layer) / static_cast<double>(std::max<std::size_t>(layers, 2) - 1);
}

at::Tensor predicted_logits(const models::Bridge& bridge, const models::StagedNetwork& network,
                            const at::Tensor& h, std::size_t layer, std::size_t layers)
{
    return network.head(layer + 1 == layers ? h : bridge.state(h, layer_time(layer, layers)));
}

StateBridgeCredit::StateBridgeCredit(jobs::Loss loss, const models::Bridge& bridge)
    : loss_(loss), bridge_(bridge.to(at::kDouble)), bridge32_(bridge.to(at::kFloat))
{
}

CreditVectors StateBridgeCredit::operator()(const CreditContext& context, const OutputError&) const
{
    const at::AutoGradMode recorded(true);
    const auto& network = staged_network(context.network, "sb");
    const auto layers = context.hidden.size();
    CreditVectors credit;
    for (std::size_t l = 0; l < layers; ++l) {
        const auto h = leaf(context.hidden[l]);
        const auto& bridge = h.scalar_type() == at::kDouble ? bridge_ : bridge32_;
        const auto logits = predicted_logits(bridge, network, h, l, layers);
        const auto output = output_error(logits, context.labels, loss_);
        const auto rows = slope(logits, h, output.unit.to(logits.scalar_type()));
        credit.layers.push_back(sample_vectors(rows.to(at::kDouble).contiguous(), output.norm));
    }
    return credit;
}

std::vector<at::Tensor> StateBridgeCredit::in_float32(const CreditContext& context, const at::Tensor&) const
{
    const at::AutoGradMode recorded(true);
    const auto& network = staged_network(context.network, "sb");
    const auto layers = context.hidden.size();
    std::vector<at::Tensor> credit;
    for (std::size_t l = 0; l < layers; ++l) {
        const auto h = leaf(context.hidden[l]);
        const auto logits = predicted_logits(bridge32_, network, h, l, layers);
        credit.push_back(slope(usual_loss(logits, context.labels, loss_), h));
    }
    return credit;
}

CreditBridgeCredit::CreditBridgeCredit(const models::Bridge& bridge)
    : bridge_(bridge.to(at::kDouble)), bridge32_(bridge.to(at::kFloat))
{
}

CreditVectors CreditBridgeCredit::operator()(const CreditContext& context, const OutputError&) const
{
    const at::AutoGradMode recorded(true);
    CreditVectors credit;
    for (std::size_t l = 0; l < context.hidden.size(); ++l) {
        const auto h = leaf(context.hidden[l].to(at::kDouble));
        const auto loss = bridge_.loss(h, layer_time(l, context.hidden.size()), context.labels);
        credit.layers.push_back(sample_vectors(slope(loss.sum(), h)));
    }
    return credit;
}

std::vector<at::Tensor> CreditBridgeCredit::in_float32(const CreditContext& context, const at::Tensor&) const
{
    const at::AutoGradMode recorded(true);
    std::vector<at::Tensor> credit;
    for (std::size_t l = 0; l < context.hidden.size(); ++l) {
        const auto h = leaf(context.hidden[l]);
        const auto loss = bridge32_.loss(h, layer_time(l, context.hidden.size()), context.labels);
        credit.push_back(slope(loss.sum(), h));
    }
    return credit;
}

} // namespace fa::diagnostics
