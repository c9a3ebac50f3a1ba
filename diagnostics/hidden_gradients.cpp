#include "diagnostics/hidden_gradients.hpp"

#include <torch/csrc/autograd/autograd.h>

#include <stdexcept>
#include <string>

namespace fa::diagnostics {
namespace {

[[noreturn]] void refuse(std::size_t layer)
{
    throw std::runtime_error(
        "the gradient of the logits with respect to hidden state h_" + std::to_string(layer) +
        " is undefined: the network must compute its logits from the very hidden states that it "
        "returns, with gradients recorded");
}

} // namespace

std::vector<at::Tensor> hidden_gradients(const std::vector<at::Tensor>& hidden, const at::Tensor& output,
                                         const at::Tensor& seed)
{
    for (std::size_t layer = 0; layer < hidden.size(); ++layer)
        if (!hidden[layer].requires_grad() || !output.requires_grad())
            refuse(layer);
    // allow_unused only so that the message below can name the layer; nothing undefined gets past it.
    auto gradients =
        torch::autograd::grad({output}, hidden, {seed}, /*retain_graph=*/false, /*create_graph=*/false,
                              /*allow_unused=*/true);
    for (std::size_t layer = 0; layer < gradients.size(); ++layer)
        if (!gradients[layer].defined())
            refuse(layer);
    return gradients;
}

} // namespace fa::diagnostics
