#pragma once
/// The one interface behind which every audited network stands (design 9, "models").

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fa::models {

/// A network that can't be had in a precision (a program with constants of another one).
struct PrecisionError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A network that can't be had on a device (a program that names another one).
struct DeviceError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What a forward pass leaves: everything the audit measures.
struct Activations {
    at::Tensor logits;              ///< [N, C]
    std::vector<at::Tensor> hidden; ///< h_0 … h_L, the very tensors of the graph that leads to `logits`:
                                    ///< [N, d_l], tokens [N, T, d_l], or convolutional [N, channels, …]
};

/// What is audited of a hidden state, or of the gradient with respect to it (design 2): the vector of each
/// sample, [N, d]. Of tokens [N, T, d] it is the first, the class token; what has four axes and more is
/// flattened. The gradient is that of the whole state, and then its row: taken before the backward, a row is
/// a tensor of its own that the logits don't depend on.
/// @throws std::invalid_argument for fewer than two axes
at::Tensor sample_rows(const at::Tensor& state);

/// Which side of the activation a hidden state is taken from: h_l = σ(z_l), or z_l itself.
enum class HiddenStates { before_activation, after_activation };

/// A trained network in eval mode. Immutable; its tensors live on one device in one precision.
class Network {
  public:
    virtual ~Network() = default;

    /// Forward pass of N samples at once; samples never influence each other.
    /// Where gradients are recorded, `hidden[0]` requires grad even if no parameter does (tensors read from a
    /// file don't: without that leaf no gradient would be defined).
    /// @param inputs  [N, …] in the network's precision, on its device, as the data set has them or
    /// flattened; what takes vectors flattens them, what takes images shapes them
    /// @throws std::invalid_argument if the inputs' size doesn't fit the first layer
    virtual Activations forward(const at::Tensor& inputs) const = 0;

    /// Widths d_0 … d_L of the hidden states' sample_rows.
    virtual std::vector<std::int64_t> widths() const = 0;
    /// Numbers in one sample's input, where the network fixes it.
    virtual std::optional<std::int64_t> features() const { return std::nullopt; }
    /// Number of classes C.
    virtual std::int64_t classes() const = 0;
    /// A short name of the architecture for groups and tables, e.g. "resmlp-4x256".
    virtual std::string architecture() const = 0;
    /// The same network in another precision, on another device, or both: what the options don't say stays.
    /// @throws PrecisionError or DeviceError if it can't be had so
    virtual std::unique_ptr<Network> to(const at::TensorOptions& place) const = 0;

    /// Of a plain chain z_{l+1} = W_{l+1} σ(z_l) + b, without skips or anything else between: where its
    /// hidden states lie. Empty for other networks.
    virtual std::optional<HiddenStates> plain_states() const { return std::nullopt; }
    /// σ′(z_0) … σ′(z_L) of a plain chain, each [N, d_l]; arguments as forward's. No gradients are recorded.
    /// @throws std::logic_error for other networks
    virtual std::vector<at::Tensor> gates(const at::Tensor& inputs) const;

    /// Does the network bring a local-credit rule of its own?
    virtual bool has_local_credit() const { return false; }
    /// a_0 … a_L of that rule, each [N, d_l]; arguments as forward's, and labels [N] int64.
    /// @throws std::logic_error if it has none
    virtual std::vector<at::Tensor> local_credit(const at::Tensor& inputs, const at::Tensor& labels) const;
};

} // namespace fa::models
