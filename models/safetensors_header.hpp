#pragma once
/// The header of a safetensors file: what is in it, without its data.
///
/// The format: 8 bytes little-endian header length n, n bytes of JSON, then the tensors' bytes. The JSON maps
/// a tensor's name to {"dtype", "shape", "data_offsets": [begin, end]}, offsets counted from the end of the
/// header, and "__metadata__" to strings (https://github.com/huggingface/safetensors, "Format").

#include "models/checkpoint_error.hpp"
#include "models/dtype.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace fa::models {

/// One tensor as the header describes it, already checked: the range lies inside the data, its length is the
/// shape's.
struct TensorEntry {
    std::string name;
    Dtype dtype = Dtype::f32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0; ///< bytes from the start of the data
    std::uint64_t end = 0;
};

struct SafetensorsHeader {
    std::vector<TensorEntry> entries; ///< in the order of their data
    std::map<std::string, std::string> metadata;
    std::uint64_t data_start = 0; ///< bytes from the start of the file
};

/// Longest JSON header that is believed (the format's own limit): 100 MB.
inline constexpr std::uint64_t max_header_bytes = 100'000'000;

/// Parses and checks a header; nothing behind it is touched.
/// @param front       the file's first bytes, at least the whole header
/// @param file_bytes  size of the whole file, against which every offset is checked
/// @throws CheckpointError naming the tensor or the offset
SafetensorsHeader parse_safetensors_header(std::span<const std::byte> front, std::uint64_t file_bytes);

/// Reads the header of a file and nothing else: names, dtypes and shapes for `--dry-run`.
/// @throws CheckpointError if the file can't be read or its header is wrong
SafetensorsHeader read_safetensors_header(const std::filesystem::path& file);

} // namespace fa::models
