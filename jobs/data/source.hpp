#pragma once
/// One split of a data set, in whichever format: what its headers claim, and its numbers when they are asked
/// for.

#include "jobs/data_error.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace fa::jobs::data {

/// Inputs or labels as a header describes them; nothing of it is believed yet.
struct ArrayHeader {
    std::string where;                ///< for messages: "mnist1d.h5: dataset 'test/x'"
    std::vector<std::uint64_t> sizes; ///< of its axes
    std::uint64_t element_bytes = 1;
    std::uint64_t stored_bytes = 0; ///< what lies in the file for it, packed perhaps
};

/// An opened split. Every function throws DataError (or store::StoreError) naming file and place.
class Source {
  public:
    virtual ~Source() = default;

    virtual ArrayHeader inputs() const = 0; ///< [samples, …]
    virtual ArrayHeader labels() const = 0; ///< [samples] or [samples, 1]
    /// Are the inputs uint8, as pixels are?
    virtual bool inputs_are_bytes() const = 0;

    /// The numbers, row major, as stored. The caller has compared the headers with the memory there is.
    virtual std::vector<float> read_inputs() = 0;
    virtual std::vector<std::int64_t> read_labels() = 0;
};

/// Names under which files that hold both splits keep one: inputs and labels.
using SplitNames = std::array<std::string, 2>;
/// "test" → {test/x, test/y} (HDF5 alone), {test_x, test_y}, {x_test, y_test}, …
std::vector<SplitNames> names_in_files(const std::string& split);

/// @param split  "train" or "test"
std::unique_ptr<Source> open_hdf5(const std::filesystem::path& file, const std::string& split);
std::unique_ptr<Source> open_npz(const std::filesystem::path& file, const std::string& split);
/// Images of an IDX file (also gzipped) and the labels beside it.
std::unique_ptr<Source> open_idx(const std::filesystem::path& images);
/// Records of 3073 bytes, of all files in their order.
std::unique_ptr<Source> open_cifar10(const std::vector<std::filesystem::path>& files);

} // namespace fa::jobs::data
