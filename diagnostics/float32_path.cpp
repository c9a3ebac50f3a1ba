#include "diagnostics/float32_path.hpp"

#include "diagnostics/gamma.hpp"
#include "diagnostics/hidden_gradients.hpp"
#include "diagnostics/mean_loss.hpp"
#include "diagnostics/usual_loss.hpp"

namespace fa::diagnostics {

at::Tensor float32_gamma(const models::Network& network, const at::Tensor& inputs, const at::Tensor& labels,
                         jobs::Loss loss, const CreditSignal& credit)
{
    const at::AutoGradMode recorded(true);
    const auto inputs32 = inputs.to(at::kFloat);
    const models::Activations activations = network.forward(inputs32);
    const auto& logits = activations.logits;
    const auto targets = labels.to(logits.device(), at::kLong);
    const auto onehot = at::zeros_like(logits.detach()).scatter(1, targets.unsqueeze(1), 1.0);
    const auto summed = usual_loss(logits, targets, loss);
    const auto gradients =
        hidden_gradients(activations.hidden, summed, at::full_like(summed, 1.0 / mean_loss_batch));

    const at::NoGradGuard constant;
    CreditContext context{.network = network, .inputs = inputs32, .labels = targets, .hidden = {}};
    for (const auto& hidden : activations.hidden)
        context.hidden.push_back(hidden.detach());
    const auto output = logits.detach();
    const auto signals =
        credit.in_float32(context, (loss == jobs::Loss::mse ? output : output.softmax(1)) - onehot);
    std::vector<at::Tensor> layers;
    for (std::size_t layer = 0; layer < signals.size(); ++layer)
        layers.push_back(gamma(sample_vectors(signals[layer].to(at::kDouble)),
                               sample_vectors(models::sample_rows(gradients[layer]).to(at::kDouble))));
    return at::stack(layers, 1);
}

} // namespace fa::diagnostics
