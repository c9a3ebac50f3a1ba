#include "models/vit_mini.hpp"

#include "models/inputs.hpp"
#include "models/resmlp.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fa::models {
namespace {

const Spellings class_token = {"cls_token", "class_token", "cls"};
const Spellings positions = {"pos_embed", "pos_embedding", "position_embedding", "pos"};
const Spellings last_norm = {"norm", "out_ln"};
const Spellings readout = {"head", "out_head"};

/// Inside a block.
const Spellings first_norm = {"ln1", "norm1", "ln_1"};
const Spellings second_norm = {"ln2", "norm2", "ln_2"};
const Spellings attention_front = {"attn.", "self_attn.", "attention.", ""};
const Spellings output_projection = {"out_proj", "proj", "to_out"};
const Spellings first_layer = {"mlp.fc1", "mlp.0", "fc1", "mlp.w1", "w1", "linear1"};
/// mlp.3: a Sequential with a dropout between.
const Spellings second_layer = {"mlp.fc2", "mlp.2", "mlp.3", "fc2", "mlp.w2", "w2", "linear2"};

Spellings in_attention(const std::string& block, const Spellings& names, const std::string& ending)
{
    Spellings all;
    for (const auto& front : attention_front)
        for (const auto& name : spelled(block + front, names, ending))
            all.push_back(name);
    return all;
}

/// `qkv.weight` of timm, `in_proj_weight` of nn.MultiheadAttention: both have queries, keys and values below
/// each other.
Affine take_fused(Fitting& fitting, const std::string& block, std::int64_t d)
{
    const auto weight = in_attention(block, {"qkv.weight", "in_proj_weight", "in_proj.weight"}, "");
    const auto bias = in_attention(block, {"qkv.bias", "in_proj_bias", "in_proj.bias"}, "");
    Affine fused{fitting.take(weight, {3 * d, d}), {}};
    if (fitting.has(bias)) // timm's qkv_bias=False
        fused.bias = fitting.take(bias, {3 * d});
    return fused;
}

/// Three linear layers of their own, brought into the fused form.
Affine take_separate(Fitting& fitting, const std::string& block, std::int64_t d)
{
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> biases;
    for (const auto* role : {"q", "k", "v"}) {
        const std::string r = role;
        const Spellings names = {r, r + "_proj", "w" + r, "w_" + r, "to_" + r};
        const auto bias = in_attention(block, names, ".bias");
        const auto part = take_linear(fitting, in_attention(block, names, ""), d, d,
                                      fitting.has(bias) ? Bias::required : Bias::none);
        if (part.weight.defined())
            weights.push_back(part.weight);
        // Zeros stand for a bias that one of the three lacks.
        if (part.weight.defined())
            biases.push_back(part.bias.defined() ? part.bias : at::zeros({d}, part.weight.options()));
    }
    return weights.size() == 3 ? Affine{at::cat(weights), at::cat(biases)} : Affine{};
}

} // namespace

VitMini::Block VitMini::take_block(Fitting& fitting, const std::string& block) const
{
    const auto d = width();
    const auto inside = [&](const Spellings& names) { return spelled(block, names, ""); };
    const auto hidden = fitting.axis(spelled(block, first_layer, ".weight"), 2, 0);
    Block taken;
    taken.ln1 = take_norm(fitting, inside(first_norm), d);
    const bool separate = fitting.has(in_attention(block, {"q", "q_proj", "wq", "w_q", "to_q"}, ".weight"));
    taken.qkv = separate ? take_separate(fitting, block, d) : take_fused(fitting, block, d);
    taken.out = take_linear(fitting, in_attention(block, output_projection, ""), d, d);
    taken.ln2 = take_norm(fitting, inside(second_norm), d);
    taken.fc1 = take_linear(fitting, inside(first_layer), hidden, d);
    taken.fc2 = take_linear(fitting, inside(second_layer), d, hidden);
    return taken;
}

VitMini::VitMini(const Tensors& tensors, const NetworkSettings& settings)
    : activation_(recorded_activation(settings).value_or(Activation::gelu)),
      layer_norm_eps_(settings.positive("layer_norm_eps", default_layer_norm_eps))
{
    Fitting fitting(tensors, "a ViT");
    const auto d = fitting.axis(spelled("", readout, ".weight"), 2, 1);
    const auto flat = [&](const Spellings& name) {
        return fitting.peek(name).defined() && fitting.peek(name).dim() < 3;
    };
    class_token_ = fitting.take(class_token, flat(class_token) ? Shape{d} : Shape{1, 1, d});
    positions_ = fitting.take(positions, flat(positions) ? Shape{0, d} : Shape{1, 0, d});
    const auto tokens = positions_.defined() ? positions_.size(-2) : 0;
    class_token_ = class_token_.defined() ? class_token_.reshape({1, 1, d}) : at::empty({1, 1, d});
    patches_ = take_patch_embedding(fitting, settings, tokens - 1);
    const auto depth = std::max<std::int64_t>(fitting.count("blocks."), 1);
    for (std::int64_t n = 0; n < depth; ++n)
        blocks_.push_back(take_block(fitting, "blocks." + std::to_string(n) + "."));
    norm_ = take_norm(fitting, last_norm, d);
    head_ = take_linear(fitting, readout, fitting.axis(spelled("", readout, ".weight"), 2, 0), d);
    if (patches_.projection.weight.defined() && patches_.projection.weight.size(0) != d)
        fitting.complain("patch_embed gives tokens of width " +
                         std::to_string(patches_.projection.weight.size(0)) + ", but the head takes " +
                         std::to_string(d));
    fitting.finish();
    positions_ = positions_.reshape({1, tokens, d});
    const auto heads = settings.count("num_heads");
    if (!heads) // no shape tells it, and a guess would be measured as if it were known
        throw CheckpointError(
            "the number of attention heads is not recorded: give num_heads=N in the manifest");
    if (d % *heads != 0)
        settings.refuse("num_heads", "a divisor of the width " + std::to_string(d));
    heads_ = *heads;
}

at::Tensor VitMini::attention(const Block& block, const at::Tensor& h) const
{
    const auto samples = h.size(0);
    const auto tokens = h.size(1);
    const auto of_head = width() / heads_;
    // [3, N, heads, T, d / heads]
    const auto qkv =
        linear(block.qkv, h).reshape({samples, tokens, 3, heads_, of_head}).permute({2, 0, 3, 1, 4});
    const auto scores =
        at::matmul(qkv[0], qkv[1].transpose(-2, -1)) / std::sqrt(static_cast<double>(of_head));
    const auto mixed = at::matmul(at::softmax(scores, -1), qkv[2]);
    return linear(block.out, mixed.transpose(1, 2).reshape({samples, tokens, width()}));
}

Activations VitMini::forward(const at::Tensor& inputs) const
{
    const auto patches = patches_(inputs);
    const auto first = class_token_.expand({patches.size(0), 1, width()});
    auto h = recorded(at::cat({first, patches}, 1) + positions_);
    Activations activations{.logits = {}, .hidden = {h}};
    for (const auto& block : blocks_) {
        const auto middle = h + attention(block, layer_norm(block.ln1, h, layer_norm_eps_));
        const auto inner = linear(block.fc1, layer_norm(block.ln2, middle, layer_norm_eps_));
        h = middle + linear(block.fc2, activate(activation_, inner));
        activations.hidden.push_back(h);
    }
    activations.logits = linear(head_, layer_norm(norm_, h, layer_norm_eps_).select(1, 0));
    return activations;
}

std::vector<std::int64_t> VitMini::widths() const
{
    return Shape(blocks_.size() + 1, width());
}

std::string VitMini::architecture() const
{
    return "vit_mini-" + std::to_string(blocks_.size()) + "x" + std::to_string(width()) + "-" +
           std::to_string(heads_) + "heads";
}

std::unique_ptr<Network> VitMini::to(const at::TensorOptions& place) const
{
    auto copy = std::make_unique<VitMini>(*this);
    std::vector<Affine*> all = {&copy->patches_.projection, &copy->norm_, &copy->head_};
    for (auto& block : copy->blocks_)
        for (auto* affine : {&block.ln1, &block.qkv, &block.out, &block.ln2, &block.fc1, &block.fc2})
            all.push_back(affine);
    const auto convert = [&](at::Tensor& tensor) {
        if (tensor.defined())
            tensor = tensor.to(place);
    };
    for (auto* affine : all) {
        convert(affine->weight);
        convert(affine->bias);
    }
    convert(copy->class_token_);
    convert(copy->positions_);
    return copy;
}

} // namespace fa::models
