#pragma once
/// References to storages: ('storage', torch.FloatStorage, '0', 'cuda:0', 12).

#include "models/dtype.hpp"
#include "models/pickle/objects.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace fa::models::torch_file {

struct StorageReference {
    std::string key;
    std::optional<Dtype> dtype; ///< none of an untyped storage, whose elements are bytes
    std::uint64_t elements = 0;
    std::uint64_t first = 0; ///< element of the file's storage at which this one begins (old views)

    std::uint64_t element_bytes() const { return dtype ? models::element_bytes(*dtype) : 1; }
};

/// @throws CheckpointError if `id` is no reference to a storage of plain numbers. The location ('cuda:0') is
/// passed over.
StorageReference storage_reference(const pickle::Objects& objects, pickle::Id id);

/// Whether `id` is a reference to a storage, whatever it holds.
bool is_storage(const pickle::Objects& objects, pickle::Id id);

/// The number of an integer that is not negative.
/// @throws CheckpointError naming `what`
std::uint64_t count_of(const pickle::Objects& objects, pickle::Id id, const char* what);

} // namespace fa::models::torch_file
