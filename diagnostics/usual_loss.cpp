#include "diagnostics/usual_loss.hpp"

namespace fa::diagnostics {

at::Tensor usual_loss(const at::Tensor& logits, const at::Tensor& labels, jobs::Loss loss)
{
    const auto targets = labels.to(logits.device(), at::kLong);
    if (loss == jobs::Loss::cross_entropy)
        return at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum);
    const auto onehot = at::zeros_like(logits.detach()).scatter(1, targets.unsqueeze(1), 1.0);
    return 0.5 * (logits - onehot).square().sum();
}

} // namespace fa::diagnostics
