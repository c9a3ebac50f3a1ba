#include "models/activation.hpp"

#include <algorithm>
#include <stdexcept>

namespace fa::models {

at::Tensor activate(Activation activation, const at::Tensor& x)
{
    switch (activation) {
    case Activation::relu:
        return at::relu(x);
    case Activation::tanh:
        return at::tanh(x);
    case Activation::sigmoid:
        return at::sigmoid(x);
    case Activation::gelu:
        return at::gelu(x, "none"); // none: erf
    case Activation::gelu_tanh:
        return at::gelu(x, "tanh");
    case Activation::identity:
        return x;
    }
    throw std::logic_error("an activation that is none");
}

at::Tensor slope(Activation activation, const at::Tensor& x)
{
    const auto ones = at::ones_like(x);
    switch (activation) {
    case Activation::relu:
        return at::threshold_backward(ones, x, 0);
    case Activation::tanh:
        return at::tanh_backward(ones, at::tanh(x));
    case Activation::sigmoid:
        return at::sigmoid_backward(ones, at::sigmoid(x));
    case Activation::gelu:
        return at::gelu_backward(ones, x, "none");
    case Activation::gelu_tanh:
        return at::gelu_backward(ones, x, "tanh");
    case Activation::identity:
        return ones;
    }
    throw std::logic_error("an activation that is none");
}

std::string to_string(Activation activation)
{
    return std::string(activation_names.at(static_cast<std::size_t>(activation)));
}

std::optional<Activation> recorded_activation(const NetworkSettings& settings)
{
    const auto word = settings.choice("activation", activation_names);
    if (!word)
        return std::nullopt;
    const auto found = std::find(activation_names.begin(), activation_names.end(), *word);
    return static_cast<Activation>(found - activation_names.begin());
}

} // namespace fa::models
