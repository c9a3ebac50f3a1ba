#pragma once
/// In which order the linear layers of a plain MLP follow each other, as far as names and shapes tell.

#include "models/fitting.hpp"

#include <string>
#include <vector>

namespace fa::models {

/// Names of the layers (without ".weight") from input to head: those that tensors `<name>.weight` with two
/// axes have. The order is that of the numbers in the names (`0`, `2`, `layers.10`, `fc3`); layers called
/// embed, input, … come before them, ones called head, output, classifier, … behind.
/// @throws CheckpointError if there are fewer than two, if names that differ in more than a number leave the
/// order open, or if a layer doesn't take what the one before it gives
std::vector<std::string> mlp_chain(const Fitting& fitting);

} // namespace fa::models
