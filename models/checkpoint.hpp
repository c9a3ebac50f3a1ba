#pragma once
/// Checkpoints as data: named tensors and metadata, nothing that runs (design 8).

#include <ATen/ATen.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace fa::models {

/// A checkpoint that cannot be audited; the message names the tensor or offset and what would be right.
struct CheckpointError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Checkpoint {
    std::map<std::string, at::Tensor> tensors; ///< own their memory
    std::map<std::string, std::string> metadata;
};

class Network;

/// Reads a safetensors file held in memory. Every length is checked against the bytes before it is believed.
/// @throws CheckpointError
Checkpoint read_safetensors(std::span<const std::byte> bytes);

/// Writes tensors (contiguous, any order given is sorted by name) and metadata; whole or not at all
/// (temporary name, fsync, rename).
/// @throws std::runtime_error with the path and the system's reason
void write_safetensors(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Builds the network a checkpoint holds; widths and depth come from the shapes.
/// @param model    the manifest's `model` key: "resmlp", "vit_mini", "mlp", or "auto": what the metadata or,
///                 without a word there, the names say
/// @param keys     the manifest's keys of this model (activation, …); what they leave open the metadata say
/// @throws CheckpointError naming the tensor that is missing, left over or misshapen
std::unique_ptr<Network> make_network(const Checkpoint& checkpoint, const std::string& model,
                                      const std::map<std::string, std::string>& keys = {});

/// Rows and columns of a feedback matrix.
using MatrixShape = std::array<std::int64_t, 2>;

/// The matrices `feedback.<l>`, l = 0 … L, of a checkpoint (float64, of these shapes, as stored); empty when
/// it has none.
/// @throws CheckpointError if some layers have one and others don't, or a shape doesn't fit
std::vector<at::Tensor> stored_feedback(const Checkpoint& checkpoint, const std::vector<MatrixShape>& shapes);

} // namespace fa::models
