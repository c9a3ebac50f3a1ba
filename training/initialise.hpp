#pragma once
/// Where training starts: initial weights and the order of the samples, keyed so that the same seed gives the
/// same bits everywhere (design 7).

#include "models/bridge.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fa::training {

/// Initial tensors of a ResMLP, float32, by PyTorch's default formulas: Linear weights and biases uniform on
/// ±1/√fan_in, LayerNorm 1 and 0. Element e of the tensor that is t-th in the order of the forward pass is
/// keyed by (seed, purpose "initialisation", 0, t, e): the network is another one than
/// torch.manual_seed(seed) would give.
std::map<std::string, at::Tensor> initial_tensors(std::uint64_t seed, std::int64_t features,
                                                  std::int64_t width, std::int64_t depth,
                                                  std::int64_t classes);

/// Initial tensors of a learned-credit rule's network (models/bridge.hpp), by the same formulas and keys but
/// for draw 1 in place of 0.
/// @param hidden  width of its layers
std::map<std::string, at::Tensor> initial_bridge(models::BridgeKind kind, std::uint64_t seed,
                                                 std::int64_t width, std::int64_t classes,
                                                 std::int64_t hidden);

/// The order in which an epoch visits the samples: 0 … samples − 1 sorted by 64-bit keys of (seed, purpose
/// "shuffle", epoch), [samples] int64.
at::Tensor epoch_order(std::uint64_t seed, std::int64_t epoch, std::int64_t samples);

} // namespace fa::training
