#include "models/resmlp.hpp"

#include "models/inputs.hpp"
#include "models/shown.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace fa::models {
namespace {

/// Our names and those of the protocol's own code.
const Spellings first_layer = {"fc1", "w1"};
const Spellings second_layer = {"fc2", "w2"};
const Spellings readout = {"head", "out_head"};

/// nn.Linear(bias=False) is believed where no block has that layer's bias; else a missing one is missing.
Bias bias_of(const Fitting& fitting, const Spellings& layer, std::int64_t depth)
{
    for (std::int64_t n = 0; n < depth; ++n)
        if (fitting.has(spelled("blocks." + std::to_string(n) + ".", layer, ".bias")))
            return Bias::required;
    return Bias::none;
}

} // namespace

ResMlp::ResMlp(const Tensors& tensors, double layer_norm_eps, Activation activation)
    : layer_norm_eps_(layer_norm_eps), activation_(activation)
{
    Fitting fitting(tensors, "a ResMLP");
    const auto d = fitting.axis({"embed.weight"}, 2, 0);
    embed_ = take_linear(fitting, {"embed"}, d, 0);
    // Without any block the first one's tensors are what is missing.
    const auto depth = std::max<std::int64_t>(fitting.count("blocks."), 1);
    const auto first_bias = bias_of(fitting, first_layer, depth);
    const auto second_bias = bias_of(fitting, second_layer, depth);
    for (std::int64_t n = 0; n < depth; ++n) {
        const auto block = "blocks." + std::to_string(n) + ".";
        const auto hidden = fitting.axis(spelled(block, first_layer, ".weight"), 2, 0);
        auto ln = take_norm(fitting, {block + "ln"}, d);
        auto fc1 = take_linear(fitting, spelled(block, first_layer, ""), hidden, d, first_bias);
        auto fc2 = take_linear(fitting, spelled(block, second_layer, ""), d, hidden, second_bias);
        blocks_.push_back({std::move(ln), std::move(fc1), std::move(fc2)});
    }
    out_ln_ = take_norm(fitting, {"out_ln"}, d);
    head_ = take_linear(fitting, readout, fitting.axis(spelled("", readout, ".weight"), 2, 0), d);
    fitting.finish();
}

at::Tensor ResMlp::embed(const at::Tensor& inputs) const
{
    return linear(embed_, vector_inputs(inputs, embed_.weight.size(1), embed_.weight.scalar_type()));
}

at::Tensor ResMlp::branch(std::int64_t l, const at::Tensor& h) const
{
    const auto& [ln, fc1, fc2] = blocks_.at(static_cast<std::size_t>(l));
    return linear(fc2, activate(activation_, linear(fc1, layer_norm(ln, h, layer_norm_eps_))));
}

at::Tensor ResMlp::head(const at::Tensor& h) const
{
    return linear(head_, layer_norm(out_ln_, h, layer_norm_eps_));
}

Activations ResMlp::forward(const at::Tensor& inputs) const
{
    auto h = recorded(embed(inputs));
    Activations activations{.logits = {}, .hidden = {h}};
    for (std::int64_t l = 0; l < depth(); ++l) {
        h = h + branch(l, h);
        activations.hidden.push_back(h);
    }
    activations.logits = head(h);
    return activations;
}

std::vector<std::int64_t> ResMlp::widths() const
{
    return Shape(blocks_.size() + 1, width());
}

std::string ResMlp::architecture() const
{
    auto name = "resmlp-" + std::to_string(depth()) + "x" + std::to_string(width());
    std::set<std::int64_t> hidden;
    for (const auto& block : blocks_)
        hidden.insert(block.fc1.weight.size(0));
    if (hidden != std::set{width()})
        for (auto separator = "-h"; const auto size : hidden)
            name += std::exchange(separator, "+") + std::to_string(size);
    return name;
}

std::unique_ptr<Network> ResMlp::to(const at::TensorOptions& place) const
{
    Tensors tensors;
    for (const auto& [name, tensor] : named_tensors())
        tensors.emplace(name, tensor.to(place));
    return std::make_unique<ResMlp>(tensors, layer_norm_eps_, activation_);
}

std::vector<std::pair<std::string, at::Tensor>> ResMlp::named_tensors() const
{
    std::vector<std::pair<std::string, at::Tensor>> named;
    const auto add = [&](const std::string& name, const Affine& affine) {
        named.emplace_back(name + ".weight", affine.weight);
        if (affine.bias.defined())
            named.emplace_back(name + ".bias", affine.bias);
    };
    add("embed", embed_);
    for (std::size_t n = 0; n < blocks_.size(); ++n) {
        const auto block = "blocks." + std::to_string(n);
        add(block + ".ln", blocks_[n].ln);
        add(block + ".fc1", blocks_[n].fc1);
        add(block + ".fc2", blocks_[n].fc2);
    }
    add("out_ln", out_ln_);
    add("head", head_);
    return named;
}

std::vector<std::pair<std::string, Shape>> resmlp_layout(std::int64_t features, std::int64_t width,
                                                         std::int64_t hidden, std::int64_t depth,
                                                         std::int64_t classes)
{
    std::vector<std::pair<std::string, Shape>> layout;
    const auto affine = [&](const std::string& name, std::int64_t rows, std::int64_t columns) {
        layout.emplace_back(name + ".weight", Shape{rows, columns});
        layout.emplace_back(name + ".bias", Shape{rows});
    };
    const auto norm = [&](const std::string& name) {
        layout.emplace_back(name + ".weight", Shape{width});
        layout.emplace_back(name + ".bias", Shape{width});
    };
    affine("embed", width, features);
    for (std::int64_t n = 0; n < depth; ++n) {
        const auto block = "blocks." + std::to_string(n);
        norm(block + ".ln");
        affine(block + ".fc1", hidden, width);
        affine(block + ".fc2", width, hidden);
    }
    norm("out_ln");
    affine("head", classes, width);
    return layout;
}

} // namespace fa::models
