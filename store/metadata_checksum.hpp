#pragma once
/// The checksum of what is no dataset's numbers: superblock, names, shapes, attributes, texts, and the unused
/// bytes between. The numbers of each dataset have a crc32 of their own, so together they cover every byte.

#include "store/hdf5.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fa::store {

/// The dataset (a scalar u32 below the root) that holds it.
inline constexpr const char* metadata_checksum_name = "metadata_crc32";

/// Where a dataset's numbers lie in its file.
struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0; ///< 0: it has no element, and no place
};

/// @throws StoreError
Extent extent_of(const Handle& dataset, const std::string& where);

/// crc32 of a file's bytes outside these extents.
/// @param extents  in any order
/// @param read     (offset, bytes) → that many bytes of the file, valid until the next call
/// @throws StoreError if extents overlap or reach beyond the file
std::uint32_t checksum_outside(std::vector<Extent> extents, std::uint64_t file_bytes,
                               const std::function<std::span<const std::byte>(Extent)>& read,
                               const std::string& where);

/// Compares a run file's metadata with the recorded checksum, before anything is believed that only it
/// covers: HDF5 before 1.14 copies as many bytes of a text as a damaged heap says. (What this itself reads,
/// objects' headers, HDF5 checks by its own checksums.)
/// @param file  open, of a path that has `metadata_crc32`
/// @throws StoreError where they differ
void check_metadata(const Handle& file, const std::filesystem::path& path);

} // namespace fa::store
