/// Which format a checkpoint has, and its reading.
#include "models/checkpoint.hpp"
#include "models/mapped_file.hpp"
#include "models/safetensors_header.hpp"
#include "models/torch_file/contents.hpp"
#include "models/torch_tensors.hpp"

namespace fa::models {
namespace {

/// Everything but torch.save's formats goes to the safetensors reader, whose errors say what it misses.
bool is_torch_file(std::span<const std::byte> bytes)
{
    return torch_file::format_of(bytes) != torch_file::Format::other;
}

void refuse_part(const std::string& part)
{
    if (!part.empty())
        throw CheckpointError("a safetensors file has no parts to choose from; leave away ':" + part + "'");
}

/// A file's torch_file::network_contents, checked whole.
torch_file::Contents network_of(const torch_file::Container& file, const std::string& part,
                                std::uint64_t file_bytes)
{
    auto contents = torch_file::network_contents(file, part);
    torch_file::check_memory(file, contents.tensors, file_bytes);
    return contents;
}

CheckpointHeader torch_header(std::span<const std::byte> bytes, const std::string& part)
{
    const auto file = torch_file::open(bytes);
    const auto contents = network_of(*file, part, bytes.size());
    CheckpointHeader header{.shapes = {}, .metadata = contents.metadata};
    for (const auto& [name, tensor] : contents.tensors)
        header.shapes.emplace(name, tensor.shape);
    return header;
}

} // namespace

Checkpoint read_checkpoint(std::span<const std::byte> bytes, const std::string& part)
{
    if (!is_torch_file(bytes)) {
        refuse_part(part);
        return read_safetensors(bytes);
    }
    const auto file = torch_file::open(bytes);
    auto contents = network_of(*file, part, bytes.size());
    return {.tensors = tensors_of(*file, contents.tensors), .metadata = std::move(contents.metadata)};
}

namespace {

CheckpointHeader header_in(std::span<const std::byte> bytes, const std::string& part)
{
    if (is_torch_file(bytes))
        return torch_header(bytes, part);
    refuse_part(part);
    auto parsed = parse_safetensors_header(bytes, bytes.size());
    CheckpointHeader header{.shapes = {}, .metadata = std::move(parsed.metadata)};
    for (auto& entry : parsed.entries)
        header.shapes.emplace(entry.name, std::move(entry.shape));
    return header;
}

} // namespace

CheckpointHeader read_checkpoint_header(const std::filesystem::path& path, const std::string& part)
{
    const MappedFile file(path);
    try {
        auto header = header_in(file.bytes(), part);
        file.check_still_whole();
        return header;
    } catch (const CheckpointError& error) {
        file.check_still_whole();
        throw CheckpointError(path.string() + ": " + error.what());
    }
}

} // namespace fa::models
