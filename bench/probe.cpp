/// The probe against the bare forward and autograd::grad.
#include "diagnostics/probe.hpp"
#include "bench/subject.hpp"
#include "models/resmlp.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <memory>

namespace fa::bench {
namespace {

struct Shape {
    std::int64_t samples, features, width, depth, classes;
};

/// The zoo's networks, and its batch.
Shape shape_of(Size size)
{
    if (size == Size::tiny)
        return {.samples = 8, .features = 5, .width = 12, .depth = 2, .classes = 3};
    return {.samples = 128, .features = 40, .width = 256, .depth = 4, .classes = 10};
}

/// Weights as PyTorch's default initialisation makes them, float64.
std::map<std::string, at::Tensor> random_weights(const Shape& shape)
{
    at::manual_seed(1);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, sizes] :
         models::resmlp_layout(shape.features, shape.width, shape.width, shape.depth, shape.classes)) {
        const bool layer_norm = name.find("ln.") != std::string::npos;
        const bool weight = name.ends_with("weight");
        const double bound = 1.0 / std::sqrt(static_cast<double>(weight ? sizes.back() : shape.width));
        tensors[name] = layer_norm ? (weight ? at::ones(sizes, at::kDouble) : at::zeros(sizes, at::kDouble))
                                   : at::empty(sizes, at::kDouble).uniform_(-bound, bound);
    }
    return tensors;
}

/// What a careful person writes by hand: parameters that don't require grad, h_0 the only leaf, one backward
/// for all layers from a constant seed.
std::vector<at::Tensor> gradients_by_hand(const std::map<std::string, at::Tensor>& weights,
                                          const Shape& shape, const at::Tensor& inputs,
                                          const at::Tensor& seed)
{
    const at::AutoGradMode recorded(true);
    const auto linear = [&](const at::Tensor& x, const std::string& name) {
        return at::linear(x, weights.at(name + ".weight"), weights.at(name + ".bias"));
    };
    const auto norm = [&](const at::Tensor& x, const std::string& name) {
        return at::layer_norm(x, {shape.width}, weights.at(name + ".weight"), weights.at(name + ".bias"),
                              1e-5);
    };
    auto h = linear(inputs, "embed").requires_grad_();
    std::vector<at::Tensor> hidden = {h};
    for (std::int64_t l = 0; l < shape.depth; ++l) {
        const auto block = "blocks." + std::to_string(l);
        h = h + linear(at::gelu(linear(norm(h, block + ".ln"), block + ".fc1")), block + ".fc2");
        hidden.push_back(h);
    }
    const auto logits = linear(norm(h, "out_ln"), "head");
    return torch::autograd::grad({logits}, hidden, {seed});
}

Sides probe_and_gradients(Size size)
{
    const Shape shape = shape_of(size);
    const auto weights = random_weights(shape);
    const auto network = std::make_shared<const models::ResMlp>(weights);
    const auto inputs = at::randn({shape.samples, shape.features}, at::kFloat); // as data sets hold them
    const auto labels = at::randint(shape.classes, {shape.samples}, at::kLong);
    const auto seed = diagnostics::probe(*network, inputs, labels, jobs::Loss::cross_entropy).output.unit;
    const auto bare = [weights, shape, inputs, seed] {
        keep(gradients_by_hand(weights, shape, inputs.to(at::kDouble), seed));
    };
    const auto ours = [network, inputs, labels] {
        keep(diagnostics::probe(*network, inputs, labels, jobs::Loss::cross_entropy));
    };
    return {{"bare", bare}, {"ours", ours}};
}

} // namespace

std::map<std::string, Benchmark> probe_benchmarks()
{
    return {{"probe", probe_and_gradients}};
}

} // namespace fa::bench
