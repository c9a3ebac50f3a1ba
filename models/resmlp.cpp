#include "models/resmlp.hpp"

#include "models/shown.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace fa::models {
namespace {

using Tensors = std::map<std::string, at::Tensor>;
using Shape = std::vector<std::int64_t>;

/// n of "blocks.<n>.…", or of "feedback.<n>" with an empty rest.
std::optional<std::int64_t> index_behind(std::string_view name, std::string_view prefix, bool whole)
{
    if (!name.starts_with(prefix))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    std::int64_t index = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), index);
    const auto digits = static_cast<std::size_t>(end - name.data());
    constexpr std::int64_t deepest =
        100'000; // a name is data: it can't make us list a billion missing tensors
    const bool one_spelling = digits == std::to_string(index).size();
    const bool ends_well = whole ? digits == name.size() : digits < name.size() && name[digits] == '.';
    if (problem != std::errc() || index < 0 || index > deepest || !one_spelling || !ends_well)
        return std::nullopt;
    return index;
}

std::int64_t depth_of(const Tensors& tensors)
{
    std::int64_t depth = 0;
    for (const auto& [name, tensor] : tensors)
        if (const auto block = index_behind(name, "blocks.", false))
            depth = std::max(depth, *block + 1);
    return depth;
}

/// Takes tensors by name and collects everything that is wrong, so that one message can say it all.
class Fitting {
  public:
    explicit Fitting(const Tensors& tensors) : tensors_(tensors)
    {
        for (const auto& [name, tensor] : tensors)
            if (tensor.is_floating_point())
                precision_ = c10::promoteTypes(precision_, tensor.scalar_type());
    }

    /// Size of an axis of a tensor of two axes, 0 where there is none such (the missing tensor is reported by
    /// take).
    std::int64_t axis(const std::string& name, std::int64_t which) const
    {
        const auto found = tensors_.find(name);
        return found != tensors_.end() && found->second.dim() == 2 ? found->second.size(which) : 0;
    }

    /// @param expected  axes of 0 may have any size but none
    at::Tensor take(const std::string& name, const Shape& expected)
    {
        taken_.insert(name);
        const auto found = tensors_.find(name);
        if (found == tensors_.end()) {
            complain("tensor " + shown(name) + " is missing (expected " + shown_expected(expected) + ")");
            return {};
        }
        const auto& tensor = found->second;
        bool fits = tensor.dim() == static_cast<std::int64_t>(expected.size());
        for (std::size_t i = 0; fits && i < expected.size(); ++i) {
            const auto size = tensor.size(static_cast<std::int64_t>(i));
            fits = expected[i] == 0 ? size > 0 : size == expected[i];
        }
        if (!fits)
            complain("tensor " + shown(name) + " has shape " + shown(tensor.sizes()) + " where " +
                     shown_expected(expected) + " was expected");
        if (!tensor.is_floating_point())
            complain("tensor " + shown(name) + " holds " + c10::toString(tensor.scalar_type()) +
                     " where a floating type was expected");
        return fits && tensor.is_floating_point() ? tensor.to(precision_) : at::Tensor();
    }

    void finish()
    {
        for (const auto& [name, tensor] : tensors_)
            if (!taken_.contains(name) && !index_behind(name, "feedback.", true))
                complain("tensor " + shown(name) + " " + shown(tensor.sizes()) + " is left over");
        if (problems_ == 0)
            return;
        if (problems_ > most_shown)
            message_ += "; and " + std::to_string(problems_ - most_shown) + " more";
        throw CheckpointError("not a ResMLP: " + message_);
    }

  private:
    static constexpr int most_shown = 6;

    static std::string shown_expected(const Shape& expected)
    {
        std::string text = shown(expected);
        for (auto zero = text.find('0'); zero != std::string::npos; zero = text.find('0', zero + 1))
            if (!std::isdigit(static_cast<unsigned char>(text[zero - 1])))
                text[zero] = '*';
        return text;
    }

    void complain(const std::string& problem)
    {
        if (++problems_ <= most_shown)
            message_ += (message_.empty() ? "" : "; ") + problem;
    }

    const Tensors& tensors_;
    at::ScalarType precision_ = at::kFloat;
    std::set<std::string> taken_;
    std::string message_;
    int problems_ = 0;
};

} // namespace

ResMlp::ResMlp(const Tensors& tensors, double layer_norm_eps) : layer_norm_eps_(layer_norm_eps)
{
    Fitting fitting(tensors);
    const auto d = fitting.axis("embed.weight", 0);
    const auto affine = [&](const std::string& name, std::int64_t rows, std::int64_t columns) {
        const auto weight = fitting.take(name + ".weight", {rows, columns});
        return Affine{weight, fitting.take(name + ".bias", {rows})};
    };
    const auto norm = [&](const std::string& name) {
        const auto weight = fitting.take(name + ".weight", {d});
        return Affine{weight, fitting.take(name + ".bias", {d})};
    };
    embed_ = affine("embed", d, 0);
    // Without any block the first one's tensors are what is missing.
    const auto depth = std::max<std::int64_t>(depth_of(tensors), 1);
    for (std::int64_t n = 0; n < depth; ++n) {
        const auto block = "blocks." + std::to_string(n);
        const auto hidden = fitting.axis(block + ".fc1.weight", 0);
        auto ln = norm(block + ".ln");
        auto fc1 = affine(block + ".fc1", hidden, d);
        auto fc2 = affine(block + ".fc2", d, hidden);
        blocks_.push_back({std::move(ln), std::move(fc1), std::move(fc2)});
    }
    out_ln_ = norm("out_ln");
    head_ = affine("head", fitting.axis("head.weight", 0), d);
    fitting.finish();
}

at::Tensor ResMlp::layer_norm(const Affine& affine, const at::Tensor& h) const
{
    return at::layer_norm(h, {width()}, affine.weight, affine.bias, layer_norm_eps_);
}

at::Tensor ResMlp::embed(const at::Tensor& inputs) const
{
    const auto x = inputs.dim() == 2 ? inputs : inputs.flatten(1);
    if (x.size(1) != embed_.weight.size(1))
        throw std::invalid_argument("inputs have " + std::to_string(x.size(1)) +
                                    " features a sample, the network's embedding takes " +
                                    std::to_string(embed_.weight.size(1)));
    if (x.scalar_type() != embed_.weight.scalar_type())
        throw std::invalid_argument(std::string("inputs are ") + c10::toString(x.scalar_type()) +
                                    ", the network is " + c10::toString(embed_.weight.scalar_type()));
    return at::linear(x, embed_.weight, embed_.bias);
}

at::Tensor ResMlp::branch(std::int64_t l, const at::Tensor& h) const
{
    const auto& [ln, fc1, fc2] = blocks_.at(static_cast<std::size_t>(l));
    const auto inner = at::gelu(at::linear(layer_norm(ln, h), fc1.weight, fc1.bias), "none"); // none: erf
    return at::linear(inner, fc2.weight, fc2.bias);
}

at::Tensor ResMlp::head(const at::Tensor& h) const
{
    return at::linear(layer_norm(out_ln_, h), head_.weight, head_.bias);
}

Activations ResMlp::forward(const at::Tensor& inputs) const
{
    auto h = embed(inputs);
    // Trap: tensors read from a file don't require grad. Without this leaf nothing behind it would be
    // recorded, and the gradients with respect to the hidden states would not exist.
    if (at::GradMode::is_enabled() && !h.requires_grad())
        h.requires_grad_();
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

std::unique_ptr<Network> ResMlp::to(at::ScalarType precision) const
{
    Tensors tensors;
    for (const auto& [name, tensor] : named_tensors())
        tensors.emplace(name, tensor.to(precision));
    return std::make_unique<ResMlp>(tensors, layer_norm_eps_);
}

std::vector<std::pair<std::string, at::Tensor>> ResMlp::named_tensors() const
{
    std::vector<std::pair<std::string, at::Tensor>> named;
    const auto add = [&](const std::string& name, const Affine& affine) {
        named.emplace_back(name + ".weight", affine.weight);
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
