#pragma once
/// Data sets: HDF5, NumPy's .npz, MNIST's IDX and CIFAR-10's binary files, behind one function.

#include "jobs/data_error.hpp"
#include "jobs/data_options.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fa::jobs {

/// One split in memory.
struct Split {
    std::vector<float> inputs;        ///< [samples, features], row major
    std::vector<std::int64_t> labels; ///< [samples], ≥ 0
    std::int64_t features = 0;        ///< product of the axes behind the first
    std::vector<std::int64_t> shape;  ///< of one sample: the axes behind the first, e.g. [3, 32, 32]
    std::int64_t samples() const { return static_cast<std::int64_t>(labels.size()); }
};

/// What the headers of a split's files say.
struct SplitHeader {
    std::uint64_t file_bytes = 0; ///< of all files that are read
    std::int64_t samples = 0;
    std::vector<std::int64_t> shape; ///< of one sample, as the network sees it
};

/// Reads one split. The format is what the file's bytes show; `data` may be the folder of MNIST's or
/// CIFAR-10's files. Every size is compared with the file before it is believed.
/// @param split  "train" or "test"
/// @throws DataError naming file, place in it and what would be right
Split read_split(const std::filesystem::path& data, const std::string& split,
                 const DataOptions& options = {});

/// The headers alone, with the errors that they show.
SplitHeader read_split_header(const std::filesystem::path& data, const std::string& split,
                              const DataOptions& options = {});

/// SHA-256 of the bytes of the files that hold a split: of an HDF5 or .npz file the whole file, of IDX images
/// followed by labels, of CIFAR-10 the batches in their order.
/// @throws DataError
std::string split_sha256(const std::filesystem::path& data, const std::string& split);

} // namespace fa::jobs
