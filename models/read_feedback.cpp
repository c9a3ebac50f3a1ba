/// Feedback matrices in a file of their own, in the forms that people save them.
#include "models/checkpoint.hpp"
#include "models/layer_pattern.hpp"
#include "models/shown.hpp"
#include "models/torch_file/contents.hpp"
#include "models/torch_tensors.hpp"

namespace fa::models {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

constexpr std::string_view prefix = "feedback.";
constexpr std::int64_t most_layers = 100'000;

/// [n, …] → feedback.0 … feedback.<n − 1>; a lone matrix is layer 0's (feedback_shared).
Tensors unstacked(const at::Tensor& stack)
{
    if (stack.dim() != 3)
        return {{std::string(prefix) + "0", stack}};
    if (stack.size(0) > most_layers)
        throw CheckpointError("a stack of feedback matrices has shape " + shown(stack.sizes()));
    Tensors matrices;
    for (std::int64_t l = 0; l < stack.size(0); ++l)
        matrices.emplace(std::string(prefix) + std::to_string(l), stack.select(0, l));
    return matrices;
}

/// Tensors by names that count layers → by feedback.<l>. Where some are called so already, the others are a
/// network's.
Tensors by_layer(const Tensors& tensors)
{
    if (tensors.size() == 1 && tensors.begin()->second.dim() == 3)
        return unstacked(tensors.begin()->second);
    Tensors matrices;
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors) {
        names.push_back(name);
        if (name.starts_with(prefix))
            matrices.emplace(name, tensor);
    }
    if (!matrices.empty())
        return matrices;
    if (names.size() == 1 && names.front().empty())
        return unstacked(tensors.begin()->second);
    const auto layers = layers_of_names(names);
    if (!layers)
        throw CheckpointError(
            "the names of its tensors (" + shown(names.front()) +
            (names.size() > 1 ? ", " + shown(names[1]) + " …" : "") +
            ") don't count layers; feedback matrices are a list, a stack [L+1, d, C], a dict with "
            "keys 0 … L, or named by a pattern as in feedback=FILE:blocks.{l}.B");
    for (const auto& [name, layer] : *layers)
        matrices.emplace(std::string(prefix) + std::to_string(layer), tensors.at(name));
    return matrices;
}

/// The tensors of a pattern, from its first layer to the last that is there.
torch_file::Contents contents_of_pattern(const torch_file::Container& file, const LayerPattern& pattern)
{
    torch_file::Contents contents;
    for (auto layer = pattern.first_layer(); layer <= most_layers; ++layer) {
        const auto name = pattern.name_of(layer);
        const auto id = torch_file::find_object(file, name);
        if (!id)
            break;
        contents.tensors.push_back(
            {std::string(prefix) + std::to_string(layer), torch_file::stored_tensor(file, *id, name)});
    }
    if (contents.tensors.empty()) // its message lists what there is
        torch_file::object_at(file, pattern.name_of(pattern.first_layer()));
    return contents;
}

Checkpoint read_torch_feedback(std::span<const std::byte> bytes, const std::string& part)
{
    const auto file = torch_file::open(bytes);
    const auto& pickle = file->pickle();
    auto contents = LayerPattern::is_one(part) ? contents_of_pattern(*file, LayerPattern(part))
                    : part.empty() && pickle.objects.is_dict(pickle.root) &&
                            !torch_file::is_dict_of_arrays(pickle.objects, pickle.root)
                        ? torch_file::network_contents(*file, part)
                        : torch_file::contents_at(*file, part);
    torch_file::check_memory(*file, contents.tensors, bytes.size());
    return {.tensors = by_layer(tensors_of(*file, contents.tensors)),
            .metadata = std::move(contents.metadata)};
}

/// The tensor `part` of a safetensors file, or those below it: "Bs.0", "Bs.1" … of "Bs".
Tensors below(const Tensors& tensors, const std::string& part)
{
    Tensors found;
    for (const auto& [name, tensor] : tensors)
        if (name == part)
            return {{"", tensor}};
        else if (name.starts_with(part + "."))
            found.emplace(name.substr(part.size() + 1), tensor);
    if (found.empty())
        throw CheckpointError("the file has no tensors " + shown(part) + " or " + shown(part + ".0") + " …");
    return found;
}

} // namespace

Checkpoint read_feedback(std::span<const std::byte> bytes, const std::string& part)
{
    if (torch_file::format_of(bytes) != torch_file::Format::other)
        return read_torch_feedback(bytes, part);
    auto checkpoint = read_safetensors(bytes);
    if (LayerPattern::is_one(part))
        name_feedback(checkpoint, part);
    else if (!part.empty())
        checkpoint.tensors = below(checkpoint.tensors, part);
    if (!checkpoint.tensors.empty())
        checkpoint.tensors = by_layer(checkpoint.tensors);
    return checkpoint;
}

} // namespace fa::models
