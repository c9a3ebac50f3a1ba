#pragma once
/// A checkpoint file read to its last byte without LibTorch: what tests of hostile files, the fuzzers and
/// read_hostile do.

#include "models/checkpoint_error.hpp"
#include "models/safetensors_header.hpp"
#include "models/torch_file/contents.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fa::testing {

/// "accepted", or why a torch.save file is refused. Its storages' bytes are read too.
/// @param part  what of it
inline std::string torch_file_outcome(std::span<const std::byte> bytes, const std::string& part = {})
{
    using namespace models::torch_file;
    try {
        const auto file = open(bytes);
        const auto contents = network_contents(*file, part);
        check_memory(*file, contents.tensors, bytes.size());
        for (const auto& [name, tensor] : contents.tensors) {
            std::vector<std::byte> storage(file->storage_bytes(tensor.storage));
            file->read_storage(tensor.storage, storage);
        }
        return "accepted";
    } catch (const models::CheckpointError& error) {
        return error.what();
    }
}

/// The same of a file of any format that a checkpoint may have.
inline std::string checkpoint_outcome(std::span<const std::byte> bytes)
{
    if (models::torch_file::format_of(bytes) != models::torch_file::Format::other)
        return torch_file_outcome(bytes);
    try {
        models::parse_safetensors_header(bytes, bytes.size());
        return "accepted";
    } catch (const models::CheckpointError& error) {
        return error.what();
    }
}

} // namespace fa::testing
