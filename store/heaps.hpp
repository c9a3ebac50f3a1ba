#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace fa::store {

/// Compares the sizes in a file's global heaps, where HDF5 keeps texts of variable length, with the heaps
/// they lie in: HDF5 before 1.14 copies as many bytes as a damaged heap says.
/// @param file  the whole HDF5 file
/// @throws StoreError if an object would reach beyond its heap, or a heap beyond the file
void check_global_heaps(std::span<const std::byte> file, const std::string& shown);

} // namespace fa::store
