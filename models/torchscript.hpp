#pragma once
/// TorchScript archives: networks of any kind that come with their forward pass. Such an archive is a
/// program; loading and running it is running its author's code.

#include "models/checkpoint.hpp"
#include "models/fitting.hpp"
#include "models/network.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace fa::models {

struct TorchScriptModel {
    std::unique_ptr<Network> network;
    /// The module's tensors by name, with what its extra file `fa.safetensors` holds: metadata and
    /// feedback.<l> (python/fa_export.py writes it; it may be missing).
    Checkpoint checkpoint;
};

/// Loads an archive in float32 (or float64, if it has tensors of that) and runs it once, on zeros, to learn
/// its widths.
///
/// Its forward takes [N, …] for any N and returns (logits [N, C], [h_0 … h_L]), the hidden states as
/// sample_rows wants them and on the way to the logits; a method local_credit(x, y) may return
/// [a_0 … a_L]. It is put into eval mode. Its name and widths make the architecture: "torchscript-4x256", or
/// the metadata's `architecture`.
/// @param sample_shape  of one input, as the data set has it; the metadata's `input_shape` ("3x32x32") counts
/// more
/// @throws CheckpointError if it is no archive, fails, or returns something else
TorchScriptModel load_torchscript(std::span<const std::byte> bytes, const Shape& sample_shape);

} // namespace fa::models
