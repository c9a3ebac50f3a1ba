#pragma once
/// What probes are timed on: a ResMLP with random weights.

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>

namespace fa::bench {

struct ProbeShape {
    std::int64_t samples, features, width, depth, classes;
};

/// The zoo's networks, and its batch.
inline constexpr ProbeShape zoo_probe{
    .samples = 128, .features = 40, .width = 256, .depth = 4, .classes = 10};
inline constexpr ProbeShape tiny_probe{.samples = 8, .features = 5, .width = 12, .depth = 2, .classes = 3};

/// Weights as PyTorch's default initialisation makes them, float64.
std::map<std::string, at::Tensor> random_weights(const ProbeShape& shape);

} // namespace fa::bench
