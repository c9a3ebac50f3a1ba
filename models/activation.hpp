#pragma once
/// The activations that networks of the literature have between their linear layers.

#include "models/network_settings.hpp"

#include <ATen/ATen.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace fa::models {

/// gelu is the one with erf, gelu_tanh its usual approximation.
enum class Activation { relu, tanh, sigmoid, gelu, gelu_tanh, identity };

inline constexpr std::array<std::string_view, 6> activation_names = {"relu", "tanh",      "sigmoid",
                                                                     "gelu", "gelu_tanh", "identity"};

at::Tensor activate(Activation activation, const at::Tensor& x);
/// σ′(x), to the bit what autograd multiplies by: relu's at 0 is 0.
at::Tensor slope(Activation activation, const at::Tensor& x);
std::string to_string(Activation activation);

/// What key or metadata `activation` say.
/// @throws CheckpointError listing the names, for another word
std::optional<Activation> recorded_activation(const NetworkSettings& settings);

} // namespace fa::models
