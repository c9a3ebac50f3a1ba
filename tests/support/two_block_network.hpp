#pragma once
/// A network small enough to check by finite differences: two residual blocks written by hand.

#include "models/network.hpp"

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

namespace fa::testing {

/// h_0 = W x, h_{l+1} = h_l + tanh(A_l h_l), logits = scale · V LayerNorm(h_2).
class TwoBlockNetwork final : public models::Network {
  public:
    at::Tensor embed;  ///< W, [d, in]
    at::Tensor first;  ///< A_0, [d, d]
    at::Tensor second; ///< A_1, [d, d]
    at::Tensor head;   ///< V, [C, d]

    /// Entries are fixed smooth numbers: no generator, so that every test sees the same network.
    explicit TwoBlockNetwork(std::int64_t inputs = 5, std::int64_t width = 7, std::int64_t classes = 4)
        : embed(entries({width, inputs}, 0.7, 0.3)), first(entries({width, width}, 0.4, 1.1)),
          second(entries({width, width}, 0.5, 2.3)), head(entries({classes, width}, 0.9, 3.7))
    {
    }

    /// amplitude · sin of an irregular phase, float64.
    static at::Tensor entries(at::IntArrayRef shape, double amplitude, double phase)
    {
        std::int64_t count = 1;
        for (const auto size : shape)
            count *= size;
        const auto k = at::arange(count, at::TensorOptions(at::kDouble));
        return ((k * 1.7320508 + phase) * (k * 0.0317 + 1.0)).sin().mul(amplitude).reshape(shape);
    }

    /// What follows h_l, written without Network::forward.
    at::Tensor logits_from(std::size_t layer, at::Tensor h) const
    {
        if (layer < 1)
            h = h + h.matmul(first.t()).tanh();
        if (layer < 2)
            h = h + h.matmul(second.t()).tanh();
        return at::layer_norm(h, {h.size(1)}).matmul(head.t());
    }

    models::Activations forward(const at::Tensor& inputs) const override
    {
        auto h0 = inputs.matmul(embed.t());
        if (at::GradMode::is_enabled() && !h0.requires_grad())
            h0.requires_grad_();
        const auto h1 = h0 + h0.matmul(first.t()).tanh();
        const auto h2 = h1 + h1.matmul(second.t()).tanh();
        const auto logits = at::layer_norm(h2, {h2.size(1)}).matmul(head.t());
        if (disconnected)
            return {.logits = logits, .hidden = {h0, h1.detach().clone().requires_grad_(), h2}};
        return {.logits = logits, .hidden = {h0, h1, h2}};
    }
    bool disconnected = false; ///< return a copy of h_1 that the logits don't depend on

    std::vector<std::int64_t> widths() const override { return std::vector<std::int64_t>(3, embed.size(0)); }
    std::int64_t classes() const override { return head.size(0); }
    std::string architecture() const override { return "two-block"; }
    std::unique_ptr<models::Network> to(const at::TensorOptions& place) const override
    {
        auto copy = std::make_unique<TwoBlockNetwork>(*this);
        for (auto* weight : {&copy->embed, &copy->first, &copy->second, &copy->head})
            *weight = weight->to(place);
        return copy;
    }
};

} // namespace fa::testing
