#pragma once
/// Checkpoints as data: named tensors and metadata, nothing that runs (design 8).

#include "models/checkpoint_error.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fa::models {

struct Checkpoint {
    std::map<std::string, at::Tensor> tensors; ///< own their memory
    std::map<std::string, std::string> metadata;
};

/// Names and shapes of a checkpoint without its data.
struct CheckpointHeader {
    std::map<std::string, std::vector<std::int64_t>> shapes;
    std::map<std::string, std::string> metadata;
};

class Network;

/// Reads a checkpoint held in memory: safetensors, or torch.save's files in both their formats. Which
/// one it is its bytes say. Nothing in it is executed, and every length is checked against the bytes before
/// it is believed.
/// @param part  of a torch.save file, the dict of tensors that is the network: "model" of {"model": …,
/// "epoch": …},
///              "checkpoint.model" of a dict in a dict. Empty: the file's own dict, or the one dict of
///              tensors in it, by the usual names (state_dict, model, …) where there are several
/// @throws CheckpointError naming what is wrong, and the parts to choose from
Checkpoint read_checkpoint(std::span<const std::byte> bytes, const std::string& part = {});

/// The same of a file's header alone, as `--dry-run` needs it.
/// @throws CheckpointError, with the path
CheckpointHeader read_checkpoint_header(const std::filesystem::path& file, const std::string& part = {});

/// The feedback matrices of a file of their own (`feedback=FILE:part`), under the names feedback.<l>, and its
/// metadata. They may be a list, a stack [L+1, d, C], a dict with keys that differ in the layer's number
/// ("0", "B0" …), tensors feedback.<l> of a checkpoint, or be named by a pattern ("blocks.{l}.B").
/// @throws CheckpointError where no layer's number can be read from the names
Checkpoint read_feedback(std::span<const std::byte> bytes, const std::string& part = {});

/// Calls the tensors whose names fit the pattern feedback.<l> (`feedback=stored:blocks.{l}.B`; LayerPattern).
/// An empty pattern leaves all as it is.
/// @throws CheckpointError if none fits, or the checkpoint has a feedback.<l> already
void name_feedback(Checkpoint& checkpoint, const std::string& pattern);
void name_feedback(CheckpointHeader& header, const std::string& pattern);

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

/// The matrices `feedback.<l>`, l = 0 … L, of a checkpoint (float64, of these shapes); empty when it has
/// none, or not one for every layer (`missing_feedback`): those that are there are checked all the same. They
/// may be stored transposed: where every matrix that tells (is not square) is stored so, all are turned.
/// @throws CheckpointError if a shape doesn't fit, or a name is no layer's
std::vector<at::Tensor> stored_feedback(const Checkpoint& checkpoint, const std::vector<MatrixShape>& shapes);

/// The layers without a matrix where others have one; empty where all or none have.
std::vector<std::size_t> missing_feedback(const Checkpoint& checkpoint, std::size_t layers);
std::vector<std::size_t> missing_feedback(const CheckpointHeader& header, std::size_t layers);

} // namespace fa::models
