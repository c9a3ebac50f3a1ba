#pragma once
/// The element types of the safetensors format that a checkpoint may use.

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fa::models {

/// "F32" → at::kFloat and so on; nothing for types that no checkpoint of ours can hold (F8, F4, U16 …).
std::optional<at::ScalarType> scalar_type_of(std::string_view dtype);

/// at::kFloat → "F32"; nothing for types the format can't hold.
std::optional<std::string> dtype_name(at::ScalarType type);

/// All names that scalar_type_of knows, for messages: "F64, F32, …".
std::string known_dtypes();

} // namespace fa::models
