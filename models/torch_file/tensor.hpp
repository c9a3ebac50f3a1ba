#pragma once
/// Tensors of a torch.save file as they are described in it, checked against their storages.

#include "models/dtype.hpp"
#include "models/torch_file/container.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace fa::models::torch_file {

/// Elements of a storage, or of a NumPy array: that at [i, j, …] is number `first` + i·strides[0] +
/// j·strides[1] + …
struct StoredTensor {
    Dtype dtype = Dtype::f32;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides; ///< in elements, none negative
    std::int64_t first = 0;
    std::string storage; ///< its key
    pickle::Id array =
        pickle::Objects::none(); ///< of a NumPy array: the object that is its bytes (array.hpp)

    auto operator<=>(const StoredTensor&) const = default;
    /// Bytes of its elements, each counted once.
    std::uint64_t bytes() const { return tensor_bytes(dtype, shape).value_or(0); }
};

/// Whether the object is a tensor or a parameter, of a kind that can be read or not.
bool is_tensor(const pickle::Objects& objects, pickle::Id id);

/// (3, 4), or torch.Size((3, 4)).
/// @throws CheckpointError naming `what`
std::vector<std::int64_t> axes_of(const pickle::Objects& objects, pickle::Id id, const char* what);

/// The tensor an object is, or a NumPy array as one. Every element lies inside the storage, and there are no
/// more of them than it has.
/// @param name  for messages
/// @throws CheckpointError naming the tensor where it is none, is not dense, has no plain numbers or reaches
/// beyond its storage
StoredTensor stored_tensor(const Container& file, pickle::Id id, const std::string& name);

} // namespace fa::models::torch_file
