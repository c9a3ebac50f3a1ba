#pragma once
/// Names and shapes from a file as messages may show them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fa::models {

/// A name from a file: quoted, control characters replaced, long ones cut.
std::string shown(std::string_view name);
/// "[256, 40]"
std::string shown(std::span<const std::int64_t> shape);

} // namespace fa::models
