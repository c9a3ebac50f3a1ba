#pragma once
/// What people take for a checkpoint and is none.

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace fa::models {

/// What a file of no known checkpoint format is and what would be right, by its first eight bytes; nothing
/// where they say nothing.
std::optional<std::string> foreign_file(std::span<const std::byte> front);

} // namespace fa::models
