#pragma once
/// A small network in double with a batch, for tests of learning rules.

#include "tests/models/small_resmlp.hpp"
#include "training/rule.hpp"

#include <map>
#include <string>
#include <vector>

namespace fa::testing {

struct RuleProblem {
    std::map<std::string, at::Tensor> tensors;
    training::Batch batch;

    explicit RuleProblem(
        const Sizes& sizes = {.features = 4, .width = 5, .hidden = 5, .depth = 2, .classes = 3})
        : tensors(small_tensors(sizes)),
          batch{small_inputs(6, sizes.features), at::arange(6, at::kLong).remainder(sizes.classes)}
    {
    }

    /// Gradients by name, as the rule gives them for the tensors that it trains, its own among them.
    std::map<std::string, at::Tensor> gradients(const training::LearningRule& rule) const
    {
        std::map<std::string, at::Tensor> own;
        std::vector<std::string> names;
        std::vector<at::Tensor> trainable;
        for (const auto& [name, tensor] : tensors) {
            own[name] = tensor.clone();
            if (rule.trains(name)) {
                names.push_back(name);
                trainable.push_back(own[name].requires_grad_());
            }
        }
        for (const auto& [name, tensor] : rule.own_tensors()) {
            names.push_back(name);
            trainable.push_back(tensor);
        }
        const auto update = rule.update(models::ResMlp(own), batch, trainable);
        std::map<std::string, at::Tensor> named;
        for (std::size_t i = 0; i < names.size(); ++i)
            named[names[i]] = update.gradients.at(i);
        return named;
    }

    /// Central difference of a function of the tensors in one entry of one of them.
    template <typename Function>
    double slope(const Function& function, const std::string& name, std::int64_t entry) const
    {
        constexpr double step = 1e-5;
        const auto shifted = [&](double by) {
            auto moved = tensors;
            moved[name] = tensors.at(name).clone();
            moved[name].flatten()[entry] += by; // flatten of a contiguous tensor is a view
            return function(moved);
        };
        return (shifted(step) - shifted(-step)) / (2 * step);
    }

    /// Compares every gradient of a rule with central differences of a function.
    template <typename Function>
    void expect_slopes(const std::map<std::string, at::Tensor>& gradients, const Function& function,
                       double tolerance) const
    {
        const at::NoGradGuard no_graph;
        for (const auto& [name, gradient] : gradients)
            for (std::int64_t e = 0; e < gradient.numel(); ++e)
                EXPECT_NEAR(gradient.flatten()[e].template item<double>(), slope(function, name, e),
                            tolerance)
                    << name << "[" << e << "]";
    }
};

/// Mean cross entropy by its definition, in loops.
inline double mean_loss(const at::Tensor& logits, const at::Tensor& labels)
{
    double loss = 0;
    for (std::int64_t i = 0; i < logits.size(0); ++i) {
        double sum = 0;
        for (std::int64_t j = 0; j < logits.size(1); ++j)
            sum += std::exp(logits[i][j].item<double>());
        loss += std::log(sum) - logits[i][labels[i].item<std::int64_t>()].item<double>();
    }
    return loss / static_cast<double>(logits.size(0));
}

} // namespace fa::testing
