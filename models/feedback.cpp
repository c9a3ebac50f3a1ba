#include "models/checkpoint.hpp"
#include "models/safetensors_header.hpp"

#include <charconv>

namespace fa::models {
namespace {

constexpr std::string_view prefix = "feedback.";

/// Names under "feedback." that are none of feedback.0 … feedback.L.
void refuse_strangers(const Checkpoint& checkpoint, std::size_t layers)
{
    for (const auto& [name, tensor] : checkpoint.tensors) {
        if (!name.starts_with(prefix))
            continue;
        const auto text = name.substr(prefix.size());
        std::size_t layer = layers;
        std::from_chars(text.data(), text.data() + text.size(), layer);
        if (layer >= layers || text != std::to_string(layer))
            throw CheckpointError("tensor " + shown(name) +
                                  " is no feedback matrix of this network: expected feedback.0 … feedback." +
                                  std::to_string(layers - 1));
    }
}

} // namespace

std::vector<at::Tensor> stored_feedback(const Checkpoint& checkpoint, const std::vector<MatrixShape>& shapes)
{
    refuse_strangers(checkpoint, shapes.size());
    std::vector<at::Tensor> matrices;
    std::string missing;
    for (std::size_t l = 0; l < shapes.size(); ++l) {
        const auto name = std::string(prefix) + std::to_string(l);
        const auto found = checkpoint.tensors.find(name);
        if (found == checkpoint.tensors.end()) {
            missing += (missing.empty() ? "" : ", ") + name;
            continue;
        }
        const auto& tensor = found->second;
        const at::IntArrayRef expected(shapes[l]);
        if (tensor.sizes() != expected)
            throw CheckpointError("tensor " + shown(name) + " has shape " + shown(tensor.sizes()) +
                                  " where " + shown(expected) + " was expected");
        if (!tensor.is_floating_point())
            throw CheckpointError("tensor " + shown(name) + " holds " + c10::toString(tensor.scalar_type()) +
                                  " where a floating type was expected");
        matrices.push_back(tensor.to(at::kDouble).contiguous());
    }
    if (!matrices.empty() && !missing.empty())
        throw CheckpointError("feedback matrices of some layers are missing: " + missing +
                              " (expected feedback.0 … feedback." + std::to_string(shapes.size() - 1) +
                              ", or none)");
    return matrices;
}

} // namespace fa::models
