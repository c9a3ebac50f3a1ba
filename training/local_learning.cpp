#include "training/local_learning.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <utility>

namespace fa::training {

LocalPass local_pass(const models::ResMlp& network, const Batch& batch)
{
    LocalPass pass;
    pass.outputs.push_back(network.embed(batch.inputs));
    pass.hidden.push_back(pass.outputs.front().detach());
    for (std::int64_t l = 0; l < network.depth(); ++l) {
        pass.outputs.push_back(network.branch(l, pass.hidden.back()));
        pass.hidden.push_back(pass.hidden.back() + pass.outputs.back().detach());
    }
    pass.logits = network.head(pass.hidden.back());
    pass.loss = at::cross_entropy_loss(pass.logits, batch.labels);
    return pass;
}

Update local_update(const LocalPass& pass, std::vector<at::Tensor> credit,
                    std::span<const at::Tensor> trainable, const std::optional<at::Tensor>& own_loss)
{
    auto outputs = pass.outputs;
    const auto descend = [&](const at::Tensor& loss) {
        outputs.push_back(loss);
        credit.push_back(at::ones_like(loss));
    };
    descend(pass.loss);
    if (own_loss)
        descend(*own_loss);
    auto gradients = torch::autograd::grad(outputs, {trainable.begin(), trainable.end()}, credit);
    return {pass.logits.detach(), std::move(gradients)};
}

} // namespace fa::training
