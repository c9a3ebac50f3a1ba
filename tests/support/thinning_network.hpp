#pragma once
/// A small network of layers of different widths that can be run stage by stage.

#include "models/staged_network.hpp"
#include "tests/support/two_block_network.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fa::testing {

/// Widths 7, 6, 6, 4: h_0 = W x, h_1 = tanh(A_0 h_0), h_2 = h_1 + tanh(A_1 h_1), h_3 = tanh(A_2 h_2),
/// logits = V h_3. With `own_credit` it brings a rule of its own: a_l = (l + 1)·h_l.
class ThinningNetwork final : public models::StagedNetwork {
  public:
    std::vector<at::Tensor> weights; ///< A_0, A_1, A_2
    at::Tensor embedding, readout;   ///< W, V
    bool own_credit = false;

    /// @param gain  of the layers: the smaller, the faster a relaxation converges
    explicit ThinningNetwork(double gain = 0.5)
        : weights{TwoBlockNetwork::entries({6, 7}, gain, 1.1), TwoBlockNetwork::entries({6, 6}, gain, 2.3),
                  TwoBlockNetwork::entries({4, 6}, gain, 0.4)},
          embedding(TwoBlockNetwork::entries({7, 5}, 0.7, 0.3)),
          readout(TwoBlockNetwork::entries({3, 4}, 1.5, 3.7))
    {
    }

    at::Tensor embed(const at::Tensor& inputs) const override { return inputs.matmul(embedding.t()); }
    at::Tensor layer(std::int64_t l, const at::Tensor& h) const override
    {
        const auto branch = h.matmul(weights[static_cast<std::size_t>(l)].t()).tanh();
        return l == 1 ? h + branch : branch;
    }
    at::Tensor head(const at::Tensor& h) const override { return h.matmul(readout.t()); }

    models::Activations forward(const at::Tensor& inputs) const override
    {
        auto h = embed(inputs);
        if (at::GradMode::is_enabled() && !h.requires_grad())
            h.requires_grad_();
        models::Activations activations{.logits = {}, .hidden = {h}};
        for (std::int64_t l = 0; l < 3; ++l)
            activations.hidden.push_back(h = layer(l, h));
        activations.logits = head(h);
        return activations;
    }
    std::vector<std::int64_t> widths() const override { return {7, 6, 6, 4}; }
    std::int64_t classes() const override { return 3; }
    std::string architecture() const override { return "thinning"; }
    std::unique_ptr<models::Network> to(const at::TensorOptions& place) const override
    {
        auto copy = std::make_unique<ThinningNetwork>(*this);
        for (auto& weight : copy->weights)
            weight = weight.to(place);
        copy->embedding = copy->embedding.to(place);
        copy->readout = copy->readout.to(place);
        return copy;
    }

    bool has_local_credit() const override { return own_credit; }
    std::vector<at::Tensor> local_credit(const at::Tensor& inputs, const at::Tensor&) const override
    {
        auto states = forward(inputs).hidden;
        for (std::size_t l = 0; l < states.size(); ++l)
            states[l] = states[l] * static_cast<double>(l + 1);
        return states;
    }
};

} // namespace fa::testing
