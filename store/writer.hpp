#pragma once
#include "store/run_file.hpp"

#include <hdf5.h>

#include <filesystem>
#include <span>
#include <string>

namespace fa::store {

/// How the file is reached: the caller's property lists, so that this room makes no MPI calls.
/// Defaults: plain system calls, which are no collective calls: any number of ranks may fill a file side by
/// side.
struct Access {
    hid_t file = H5P_DEFAULT;     ///< a file access list; H5P_DEFAULT: sec2
    hid_t transfer = H5P_DEFAULT; ///< a dataset transfer list
};

/// Makes a run file without its numbers: groups, datasets (all space allocated), attributes, checksums. One
/// process does it; its bytes depend on nothing but the arguments (no times, fixed library bounds), so those
/// of the finished file don't depend on driver or ranks. It is made in memory (of the file's size) and
/// written with plain system calls, because HDF5 1.10 crashes at exit, or hangs its other ranks, where it
/// can't write its own metadata (full disk).
/// @param path   a temporary name: the caller publishes it
/// @param slabs  every dataset of the run once, in the schema's order; only names and shapes matter
/// @param crcs   zlib's crc32 of each whole dataset's little-endian bytes, in the order of `slabs`
/// @throws StoreError
void create_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
                std::span<const std::uint32_t> crcs);

/// Writes the numbers, each dataset by one call with each rank's slab; collective where the access list is.
/// Where a rank's part can't be written the others still come out of this call, and that rank throws at its
/// end.
/// @param path   from create_run, which must have returned (one rank called it, and all have agreed that it
/// succeeded)
/// @param slabs  the same datasets in the same order on every rank (rows = 0 where it has none)
/// @throws StoreError; on a rank alone only for what it could not write: agree on errors behind this call
void fill_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
              Access access = {});

/// create_run and fill_run by one process. Called by several ranks (with the same attributes, shapes and
/// checksums) each makes the same file before they fill it together; a rank that fails before that leaves the
/// others waiting, so teams better let one rank create.
/// @throws StoreError
void write_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
               std::span<const std::uint32_t> crcs, Access access = {});

/// zlib's crc32 of a slab's bytes, of any length.
std::uint32_t checksum(std::span<const std::byte> bytes);
/// crc32 of two pieces put together, from the crc32 of each and the length of the second.
std::uint32_t combined_checksum(std::uint32_t first, std::uint32_t second, std::uint64_t second_length);

/// fsync of the file, rename onto `target`, fsync of its folder. Where that fails while `target` verifies as
/// complete (same digest) it counts as done: another job finished the same run and removed our temporary
/// file.
/// @param digest  of the run; empty: read from the temporary file (then a removed one is an error)
/// @throws StoreError
void publish(const std::filesystem::path& temporary, const std::filesystem::path& target,
             std::string digest = {});

} // namespace fa::store
