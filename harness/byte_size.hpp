#pragma once
#include <cstdint>
#include <string>

namespace fa::harness {

/// "1.5 GiB".
std::string human_bytes(std::uint64_t bytes);

/// What a user writes: a number, with K, M, G or T (and perhaps iB) for powers of 1024.
/// @throws std::invalid_argument saying what would be right
std::uint64_t bytes_from(const std::string& text);

} // namespace fa::harness
