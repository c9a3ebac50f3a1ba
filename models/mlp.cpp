#include "models/mlp.hpp"

#include "models/inputs.hpp"
#include "models/mlp_chain.hpp"

#include <algorithm>

namespace fa::models {

Mlp::Mlp(const Tensors& tensors, Activation activation, HiddenStates states)
    : activation_(activation), states_(states)
{
    Fitting fitting(tensors, "a plain MLP");
    for (const auto& name : mlp_chain(fitting)) {
        const auto bias = fitting.has({name + ".bias"}) ? Bias::required : Bias::none;
        const auto inputs = layers_.empty() ? 0 : fitting.axis({name + ".weight"}, 2, 1);
        const auto outputs = fitting.axis({name + ".weight"}, 2, 0);
        layers_.push_back(take_linear(fitting, {name}, outputs, inputs, bias));
    }
    fitting.finish();
}

at::Tensor Mlp::state(const at::Tensor& sum) const
{
    return states_ == HiddenStates::after_activation ? activate(activation_, sum) : sum;
}

at::Tensor Mlp::sum_above(const Affine& layer, const at::Tensor& h) const
{
    return linear(layer, states_ == HiddenStates::after_activation ? h : activate(activation_, h));
}

at::Tensor Mlp::first_sum(const at::Tensor& inputs) const
{
    const auto& first = layers_.front();
    return linear(first, vector_inputs(inputs, first.weight.size(1), first.weight.scalar_type()));
}

at::Tensor Mlp::embed(const at::Tensor& inputs) const
{
    return state(first_sum(inputs));
}

at::Tensor Mlp::layer(std::int64_t l, const at::Tensor& h) const
{
    return state(sum_above(layers_.at(static_cast<std::size_t>(l) + 1), h));
}

at::Tensor Mlp::head(const at::Tensor& h) const
{
    return sum_above(layers_.back(), h);
}

Activations Mlp::forward(const at::Tensor& inputs) const
{
    Activations activations;
    activations.hidden.push_back(recorded(embed(inputs)));
    for (std::size_t l = 0; l + 2 < layers_.size(); ++l)
        activations.hidden.push_back(
            recorded(layer(static_cast<std::int64_t>(l), activations.hidden.back())));
    activations.logits = head(activations.hidden.back());
    return activations;
}

std::vector<at::Tensor> Mlp::gates(const at::Tensor& inputs) const
{
    const at::NoGradGuard constant;
    std::vector<at::Tensor> gates;
    at::Tensor sum = first_sum(inputs);
    for (std::size_t l = 0;; ++l) {
        gates.push_back(slope(activation_, sum));
        if (l + 2 == layers_.size())
            return gates;
        sum = sum_above(layers_[l + 1], state(sum));
    }
}

std::vector<std::int64_t> Mlp::widths() const
{
    std::vector<std::int64_t> widths;
    for (std::size_t l = 0; l + 1 < layers_.size(); ++l)
        widths.push_back(layers_[l].weight.size(0));
    return widths;
}

std::string Mlp::architecture() const
{
    const auto all = widths();
    const bool equal = std::all_of(all.begin(), all.end(), [&](auto width) { return width == all.front(); });
    std::string name = "mlp";
    if (equal)
        name.append("-").append(std::to_string(all.size())).append("x").append(std::to_string(all.front()));
    for (std::size_t l = 0; !equal && l < all.size(); ++l)
        name.append("-").append(std::to_string(all[l]));
    name.append("-").append(to_string(activation_));
    return states_ == HiddenStates::before_activation ? name.append("-pre") : name;
}

std::unique_ptr<Network> Mlp::to(const at::TensorOptions& place) const
{
    auto copy = std::make_unique<Mlp>(*this);
    for (auto& layer : copy->layers_) {
        layer.weight = layer.weight.to(place);
        if (layer.bias.defined())
            layer.bias = layer.bias.to(place);
    }
    return copy;
}

} // namespace fa::models
