#include "models/bridge.hpp"

#include "models/shown.hpp"

#include <algorithm>
#include <set>

namespace fa::models {
namespace {

using Shape = std::vector<std::int64_t>;
constexpr std::string_view prefix = "bridge.";
constexpr double layer_norm_eps = 1e-5;

/// Takes a bridge's tensors by name and collects everything that is wrong.
class BridgeTensors {
  public:
    explicit BridgeTensors(const std::map<std::string, at::Tensor>& tensors)
    {
        for (const auto& [name, tensor] : tensors) {
            if (!name.starts_with(prefix))
                continue;
            left_.emplace(name, tensor);
            if (tensor.is_floating_point())
                precision_ = c10::promoteTypes(precision_, tensor.scalar_type());
        }
    }

    bool has(const std::string& name) const { return left_.contains(name); }
    /// Rows of a matrix; 0 where there is none such (take reports it).
    std::int64_t rows(const std::string& name) const
    {
        const auto found = left_.find(name);
        return found != left_.end() && found->second.dim() == 2 ? found->second.size(0) : 0;
    }

    at::Tensor take(const std::string& name, const Shape& expected)
    {
        const auto found = left_.find(name);
        if (found == left_.end()) {
            complain("tensor " + shown(name) + " " + shown(expected) + " is missing");
            return {};
        }
        const auto tensor = found->second;
        left_.erase(found);
        if (tensor.sizes() != at::IntArrayRef(expected) || !tensor.is_floating_point()) {
            complain("tensor " + shown(name) + " is " + c10::toString(tensor.scalar_type()) + " " +
                     shown(tensor.sizes()) + " where a floating " + shown(expected) + " was expected");
            return {};
        }
        return tensor.to(precision_);
    }

    void finish(const std::string& what)
    {
        for (const auto& [name, tensor] : left_)
            complain("tensor " + shown(name) + " " + shown(tensor.sizes()) + " is left over");
        if (!message_.empty())
            throw CheckpointError("no " + what + ": " + message_);
    }

  private:
    void complain(const std::string& problem) { message_ += (message_.empty() ? "" : "; ") + problem; }

    std::map<std::string, at::Tensor> left_;
    at::ScalarType precision_ = at::kFloat;
    std::string message_;
};

std::string layer_name(std::size_t number)
{
    return "bridge.fc" + std::to_string(number);
}

std::int64_t inputs_of(BridgeKind kind, std::int64_t width, std::int64_t classes)
{
    return kind == BridgeKind::state ? width + 1 : width + 1 + classes;
}

std::int64_t outputs_of(BridgeKind kind, std::int64_t width)
{
    return kind == BridgeKind::state ? width : 1;
}

} // namespace

Bridge::Bridge(BridgeKind kind, const std::map<std::string, at::Tensor>& tensors, std::int64_t width,
               std::int64_t classes)
    : classes_(classes)
{
    BridgeTensors its(tensors);
    ln_.weight = its.take("bridge.ln.weight", {width});
    ln_.bias = its.take("bridge.ln.bias", {width});
    auto inputs = inputs_of(kind, width, classes);
    for (std::size_t n = 1; n == 1 || its.has(layer_name(n) + ".weight"); ++n) {
        const bool last = !its.has(layer_name(n + 1) + ".weight");
        const auto outputs = last ? outputs_of(kind, width) : its.rows(layer_name(n) + ".weight");
        auto weight = its.take(layer_name(n) + ".weight", {outputs, inputs});
        linear_.push_back({std::move(weight), its.take(layer_name(n) + ".bias", {outputs})});
        inputs = outputs;
    }
    its.finish(kind == BridgeKind::state ? "state bridge" : "credit bridge");
}

at::Tensor Bridge::net(at::Tensor x) const
{
    for (std::size_t n = 0; n < linear_.size(); ++n)
        x = at::linear(n == 0 ? x : at::gelu(x, "none"), linear_[n].weight, linear_[n].bias); // none: erf
    return x;
}

at::Tensor Bridge::seen(const at::Tensor& h, double t) const
{
    const auto normed = at::layer_norm(h, {h.size(1)}, ln_.weight, ln_.bias, layer_norm_eps);
    return at::cat({normed, at::full({h.size(0), 1}, t, h.options())}, 1);
}

at::Tensor Bridge::state(const at::Tensor& h, double t) const
{
    return h + net(seen(h, t));
}

at::Tensor Bridge::loss(const at::Tensor& h, double t, const at::Tensor& labels) const
{
    const auto onehot = at::zeros({h.size(0), classes_}, h.options())
                            .scatter(1, labels.to(h.device(), at::kLong).unsqueeze(1), 1.0);
    return net(at::cat({seen(h, t), onehot}, 1)).squeeze(1);
}

Bridge Bridge::to(const at::TensorOptions& place) const
{
    auto copy = *this;
    const auto convert = [&](Affine& affine) { affine = {affine.weight.to(place), affine.bias.to(place)}; };
    convert(copy.ln_);
    std::ranges::for_each(copy.linear_, convert);
    return copy;
}

std::vector<std::pair<std::string, at::Tensor>> Bridge::named_tensors() const
{
    std::vector<std::pair<std::string, at::Tensor>> named;
    const auto add = [&](const std::string& name, const Affine& affine) {
        named.emplace_back(name + ".weight", affine.weight);
        named.emplace_back(name + ".bias", affine.bias);
    };
    add("bridge.ln", ln_);
    for (std::size_t n = 0; n < linear_.size(); ++n)
        add(layer_name(n + 1), linear_[n]);
    return named;
}

std::vector<std::pair<std::string, Shape>> bridge_layout(BridgeKind kind, std::int64_t width,
                                                         std::int64_t classes, std::int64_t hidden)
{
    std::vector<std::pair<std::string, Shape>> layout{{"bridge.ln.weight", {width}},
                                                      {"bridge.ln.bias", {width}}};
    const Shape sizes{inputs_of(kind, width, classes), hidden, hidden, outputs_of(kind, width)};
    for (std::size_t n = 1; n < sizes.size(); ++n) {
        layout.emplace_back(layer_name(n) + ".weight", Shape{sizes[n], sizes[n - 1]});
        layout.emplace_back(layer_name(n) + ".bias", Shape{sizes[n]});
    }
    return layout;
}

bool has_bridge(const Checkpoint& checkpoint)
{
    const auto first = checkpoint.tensors.lower_bound(std::string(prefix));
    return first != checkpoint.tensors.end() && first->first.starts_with(prefix);
}

Checkpoint without_bridge(const Checkpoint& checkpoint)
{
    auto rest = checkpoint;
    std::erase_if(rest.tensors, [](const auto& entry) { return entry.first.starts_with(prefix); });
    return rest;
}

} // namespace fa::models
