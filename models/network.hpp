#pragma once
/// The one interface behind which every audited network stands (design 9, "models").

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fa::models {

/// What a forward pass leaves: everything the audit measures.
struct Activations {
    at::Tensor logits;              ///< [N, C]
    std::vector<at::Tensor> hidden; ///< h_0 … h_L, each [N, d_l]; part of the graph that leads to `logits`
};

/// A trained network in eval mode. Immutable; its tensors live on one device in one precision.
class Network {
  public:
    virtual ~Network() = default;

    /// Forward pass of N samples at once; samples never influence each other.
    /// Where gradients are recorded, `hidden[0]` requires grad even if no parameter does (tensors read from a
    /// file don't: without that leaf no gradient would be defined).
    /// @param inputs  [N, …] in the network's precision; flattened by networks that take vectors
    /// @throws std::invalid_argument if the inputs' size doesn't fit the first layer
    virtual Activations forward(const at::Tensor& inputs) const = 0;

    /// Widths d_0 … d_L of the hidden states.
    virtual std::vector<std::int64_t> widths() const = 0;
    /// Numbers in one sample's input, where the network fixes it.
    virtual std::optional<std::int64_t> features() const { return std::nullopt; }
    /// Number of classes C.
    virtual std::int64_t classes() const = 0;
    /// A short name of the architecture for groups and tables, e.g. "resmlp-4x256".
    virtual std::string architecture() const = 0;
    /// The same network in another precision.
    virtual std::unique_ptr<Network> to(at::ScalarType precision) const = 0;

    /// Does the network bring a local-credit rule of its own?
    virtual bool has_local_credit() const { return false; }
    /// a_0 … a_L of that rule, each [N, d_l]; arguments as forward's, and labels [N] int64.
    /// @throws std::logic_error if it has none
    virtual std::vector<at::Tensor> local_credit(const at::Tensor& inputs, const at::Tensor& labels) const;
};

} // namespace fa::models
