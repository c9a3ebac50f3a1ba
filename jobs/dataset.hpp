#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace fa::jobs {

struct DataError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One split in memory.
struct Split {
    std::vector<float> inputs;        ///< [samples, features], row major
    std::vector<std::int64_t> labels; ///< [samples], ≥ 0
    std::int64_t features = 0;        ///< product of the axes behind the first
    std::vector<std::int64_t> shape;  ///< of one sample: the axes behind the first, e.g. [3, 32, 32]
    std::int64_t samples() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Reads `<split>/x` (float32, any rank ≥ 2) and `<split>/y` (any integer type) of an HDF5 file.
/// @param split  "train" or "test"
/// @throws DataError naming file, dataset and what would be right
Split read_split(const std::filesystem::path& file, const std::string& split);

/// SHA-256 of the file's bytes.
std::string file_sha256(const std::filesystem::path& file);

} // namespace fa::jobs
