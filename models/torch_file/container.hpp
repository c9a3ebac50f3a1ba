#pragma once
/// The two formats of torch.save: where the pickled object and the storages' bytes lie in the file.

#include "models/pickle/reader.hpp"
#include "models/torch_file/storage.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace fa::models::torch_file {

/// An opened file. The caller's bytes must outlive it.
class Container {
  public:
    virtual ~Container() = default;

    /// What was given to torch.save.
    virtual const pickle::Pickle& pickle() const = 0;
    /// Size of a storage.
    /// @throws CheckpointError if the file has none of that key
    virtual std::uint64_t storage_bytes(const std::string& key) const = 0;
    /// Copies a storage. `into` has its size.
    /// @throws CheckpointError if its bytes are damaged
    virtual void read_storage(const std::string& key, std::span<std::byte> into) const = 0;
};

/// PyTorch 1.6 and newer: a zip of NAME/data.pkl and NAME/data/KEY, nothing compressed.
/// @throws CheckpointError if the zip is damaged, compressed, big-endian or no torch.save file
std::unique_ptr<Container> open_zip(std::span<const std::byte> bytes);

/// Before: five pickles (magic number, version, system, the object, the storages' keys), then the storages,
/// each after its length.
/// @throws CheckpointError if a pickle or a length is wrong
std::unique_ptr<Container> open_legacy(std::span<const std::byte> bytes);

/// What the first bytes say that a file is.
enum class Format { zip, legacy, tar, other };
Format format_of(std::span<const std::byte> bytes);

/// The container that the first bytes ask for.
/// @throws CheckpointError for other formats, naming those it knows
std::unique_ptr<Container> open(std::span<const std::byte> bytes);

} // namespace fa::models::torch_file
