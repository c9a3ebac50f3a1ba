#pragma once
/// HDF5 files that are made in memory, to be written with plain system calls: HDF5 1.10 crashes at exit, or
/// hangs its other ranks, where it can't write its own metadata (full disk).

#include "store/hdf5.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace fa::store {

/// What of a new object must not depend on time or on how many attributes and links it gets (64: more than
/// any run file has, so all stay in the object's header, in the order of writing). Datasets are contiguous,
/// their space allocated at once and left unwritten.
/// @param kind  H5P_FILE_CREATE, H5P_GROUP_CREATE or H5P_DATASET_CREATE
Handle creation_list(hid_t kind);

/// A new file that no disk knows of.
class FileImage {
  public:
    /// @param where  how messages call it
    /// @throws StoreError
    explicit FileImage(std::string where);

    /// Open until finish(), before which all objects in it must be closed.
    const Handle& file() const { return file_; }
    /// Closes the file. @returns its bytes, which live as long as this object
    /// @throws StoreError
    std::span<std::byte> finish();

  private:
    std::string where_;
    struct Memory;
    std::unique_ptr<Memory, void (*)(Memory*)> memory_; ///< what HDF5 leaves when it closes the file
    Handle file_;
};

} // namespace fa::store
