#pragma once
/// LibTorch's element types and those of the files.

#include "models/dtype.hpp"

#include <ATen/ATen.h>

#include <optional>

namespace fa::models {

/// Dtype::f32 → at::kFloat
at::ScalarType scalar_type(Dtype dtype);

/// at::kFloat → Dtype::f32; nothing for types that no file has (quantized ones …).
std::optional<Dtype> dtype_of(at::ScalarType type);

} // namespace fa::models
