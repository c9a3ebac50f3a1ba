#include "models/checkpoint.hpp"
#include "models/layer_pattern.hpp"
#include "models/shown.hpp"

#include <charconv>
#include <utility>

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
            throw CheckpointError(
                "tensor " + shown(name) +
                " is no feedback matrix of this network: expected feedback.0 … feedback." +
                std::to_string(layers - 1) +
                " (where names don't count from 0 one by one a pattern says so: {l+1}, {2l})");
    }
}

/// Whether the matrices are stored transposed. Square ones don't tell; they go as the others.
bool are_turned(const std::vector<at::Tensor>& matrices, const std::vector<MatrixShape>& shapes)
{
    bool turned = false;
    for (std::size_t l = 0; l < matrices.size(); ++l) {
        const auto [rows, columns] = shapes[l];
        if (rows != columns && matrices[l].sizes() != at::IntArrayRef({columns, rows}))
            return false;
        turned = turned || rows != columns;
    }
    return turned;
}

at::Tensor checked(const at::Tensor& tensor, const std::string& name, const MatrixShape& expected)
{
    const MatrixShape transposed{expected[1], expected[0]};
    if (tensor.sizes() != at::IntArrayRef(expected))
        throw CheckpointError(
            "tensor " + shown(name) + " has shape " + shown(tensor.sizes()) + " where " + shown(expected) +
            " was expected" +
            (tensor.sizes() == at::IntArrayRef(transposed) ? ", as other layers have it" : ""));
    if (!tensor.is_floating_point())
        throw CheckpointError("tensor " + shown(name) + " holds " + c10::toString(tensor.scalar_type()) +
                              " where a floating type was expected");
    return tensor.to(at::kDouble).contiguous();
}

std::string feedback_name(std::int64_t layer)
{
    return std::string(prefix) + std::to_string(layer);
}

/// Of 0 … layers − 1 those that a map has no matrix of; none where it has no matrix at all.
template <typename Named>
std::vector<std::size_t> missing_in(const std::map<std::string, Named>& named, std::size_t layers)
{
    std::vector<std::size_t> missing;
    for (std::size_t l = 0; l < layers; ++l)
        if (!named.contains(feedback_name(static_cast<std::int64_t>(l))))
            missing.push_back(l);
    return missing.size() < layers ? missing : std::vector<std::size_t>{};
}

/// A name behind what DistributedDataParallel and torch.compile put before it.
std::string_view unwrapped(std::string_view name)
{
    for (bool shorter = true; std::exchange(shorter, false);)
        for (const std::string_view wrapper : {"module.", "_orig_mod."})
            if (name.starts_with(wrapper)) {
                name.remove_prefix(wrapper.size());
                shorter = true;
            }
    return name;
}

/// The first few names of a map.
template <typename Named>
std::string names_in(const std::map<std::string, Named>& named)
{
    constexpr std::size_t most_shown = 8;
    std::string names;
    std::size_t count = 0;
    for (auto entry = named.begin(); entry != named.end() && count < most_shown; ++entry, ++count)
        names += (count == 0 ? "" : ", ") + shown(entry->first);
    return names + (named.size() > most_shown ? " …" : "");
}

/// Renames what fits the pattern, whatever is stored under the names; a matrix of the input is left out.
template <typename Named>
void rename(std::map<std::string, Named>& named, const std::string& pattern_text)
{
    if (pattern_text.empty())
        return;
    const LayerPattern pattern(pattern_text);
    std::map<std::string, Named> renamed;
    bool fits = false;
    for (auto& [name, what] : named) {
        auto layer = pattern.layer_of(name);
        if (!layer)
            layer = pattern.layer_of(unwrapped(name));
        if (layer && *layer < 0)
            continue;
        fits = fits || layer;
        if (!renamed.emplace(layer ? feedback_name(*layer) : name, what).second)
            throw CheckpointError("feedback=stored:" + pattern_text + ": tensor " + shown(name) +
                                  " would be a second one called " +
                                  shown(layer ? feedback_name(*layer) : name));
    }
    if (!fits)
        throw CheckpointError("feedback=stored:" + pattern_text +
                              ": no tensor of the checkpoint has such a name (" + names_in(named) +
                              "); elsewhere in the file it is feedback=FILE:" + pattern_text);
    named = std::move(renamed);
}

} // namespace

void name_feedback(Checkpoint& checkpoint, const std::string& pattern)
{
    rename(checkpoint.tensors, pattern);
}

void name_feedback(CheckpointHeader& header, const std::string& pattern)
{
    rename(header.shapes, pattern);
}

std::vector<std::size_t> missing_feedback(const Checkpoint& checkpoint, std::size_t layers)
{
    return missing_in(checkpoint.tensors, layers);
}

std::vector<std::size_t> missing_feedback(const CheckpointHeader& header, std::size_t layers)
{
    return missing_in(header.shapes, layers);
}

std::vector<at::Tensor> stored_feedback(const Checkpoint& checkpoint, const std::vector<MatrixShape>& shapes)
{
    refuse_strangers(checkpoint, shapes.size());
    std::vector<at::Tensor> matrices; // of the layers that have one
    std::vector<std::int64_t> layers;
    std::vector<MatrixShape> expected;
    for (std::size_t l = 0; l < shapes.size(); ++l) {
        const auto found = checkpoint.tensors.find(feedback_name(static_cast<std::int64_t>(l)));
        if (found == checkpoint.tensors.end())
            continue;
        layers.push_back(static_cast<std::int64_t>(l));
        matrices.push_back(found->second);
        expected.push_back(shapes[l]);
    }
    const bool turned = are_turned(matrices, expected);
    for (std::size_t k = 0; k < matrices.size(); ++k)
        matrices[k] = checked(turned ? matrices[k].t() : matrices[k], feedback_name(layers[k]), expected[k]);
    if (matrices.size() < shapes.size())
        matrices.clear();
    return matrices;
}

} // namespace fa::models
