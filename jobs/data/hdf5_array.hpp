#pragma once
/// A dataset of an HDF5 file that no one vouches for: opened, described, read in whole rows.

#include "jobs/data/source.hpp"
#include "store/hdf5.hpp"

namespace fa::jobs::data {

class Hdf5Array {
  public:
    enum class Numbers { integers, floats, other };

    /// @param shown       how messages call the file
    /// @param file_bytes  no dataset has more of them
    /// @throws store::StoreError if there is no such dataset; DataError if its numbers lie in other files
    Hdf5Array(const store::Handle& file, const std::string& shown, const std::string& name,
              std::uint64_t file_bytes);

    const ArrayHeader& header() const { return header_; }
    Numbers numbers() const;
    /// Are they uint8?
    bool are_bytes() const;

    /// Reads `count` rows (entries of the first axis) from `first` on.
    /// @param memory_type  that of `into`, e.g. H5T_NATIVE_FLOAT
    void read_rows(std::uint64_t first, std::uint64_t count, hid_t memory_type, void* into) const;

  private:
    ArrayHeader header_;
    store::Handle dataset_, type_;
};

} // namespace fa::jobs::data
