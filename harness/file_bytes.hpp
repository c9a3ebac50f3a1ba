#pragma once
#include <cstddef>
#include <filesystem>
#include <vector>

namespace fa::harness {

/// The whole file. The size is asked first, so a file that shrinks meanwhile is an error and not a short
/// read.
/// @throws std::runtime_error with the path and what is wrong
std::vector<std::byte> read_bytes(const std::filesystem::path& file);

} // namespace fa::harness
