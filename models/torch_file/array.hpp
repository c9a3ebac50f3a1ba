#pragma once
/// NumPy arrays in the pickle of a torch.save file, as codes save their feedback matrices:
/// numpy.core.multiarray._reconstruct and its state (version, shape, dtype, Fortran order?, bytes).

#include "models/torch_file/tensor.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace fa::models::torch_file {

/// Whether the object is a NumPy array, of a kind that can be read or not.
bool is_array(const pickle::Objects& objects, pickle::Id id);

/// The array as a tensor whose elements lie in the pickle (StoredTensor::array).
/// @throws CheckpointError where it holds anything but little-endian float32 or float64, is of a class of its
/// own, or its bytes can't be those of its shape
StoredTensor stored_array(const pickle::Objects& objects, pickle::Id id);

/// Most bytes that the elements of a StoredTensor::array can be.
std::uint64_t most_array_bytes(const pickle::Objects& objects, pickle::Id array);

/// The elements' bytes. Protocol 2 writes them as text, one character a byte.
/// @throws CheckpointError if they are not `size` bytes, or a character is none of a byte
std::vector<std::byte> array_bytes(const pickle::Objects& objects, pickle::Id array, std::uint64_t size);

} // namespace fa::models::torch_file
