/// The probe against the bare forward and autograd::grad.
#include "diagnostics/probe.hpp"
#include "bench/probe_problem.hpp"
#include "bench/subject.hpp"
#include "models/resmlp.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <memory>

namespace fa::bench {
namespace {

/// What a careful person writes by hand: parameters that don't require grad, h_0 the only leaf, one backward
/// for all layers from a constant seed.
std::vector<at::Tensor> gradients_by_hand(const std::map<std::string, at::Tensor>& weights,
                                          const ProbeShape& shape, const at::Tensor& inputs,
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
    const ProbeShape shape = size == Size::tiny ? tiny_probe : zoo_probe;
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
