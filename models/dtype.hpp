#pragma once
/// The element types a checkpoint's tensors may have, and what each file format calls them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fa::models {

enum class Dtype : std::uint8_t {
    f64,
    f32,
    f16,
    bf16,
    i64,
    i32,
    i16,
    i8,
    u8,
    boolean,
    u64,
    u32,
    u16,
    f8_e4m3fn,
    f8_e5m2,
    f8_e4m3fnuz,
    f8_e5m2fnuz,
    f8_e8m0fnu,
    complex64,
    complex128,
};

/// Bytes of one element.
std::size_t element_bytes(Dtype dtype);

/// "F32" → Dtype::f32; nothing for types that are no whole bytes (F4, F6) or unknown.
std::optional<Dtype> dtype_of_safetensors(std::string_view name);
/// Dtype::f32 → "F32"; empty for types that safetensors has no name for.
std::string_view safetensors_name(Dtype dtype);
/// All names that dtype_of_safetensors knows, for messages: "F64, F32, …".
std::string known_safetensors_names();

/// "float32", the attribute of Python's module torch.
std::optional<Dtype> dtype_of_torch(std::string_view name);
/// Dtype::f32 → "float32"
std::string_view torch_name(Dtype dtype);
/// "FloatStorage", the class of Python's module torch that holds such elements.
std::optional<Dtype> dtype_of_storage(std::string_view name);

/// Bytes of a tensor of that shape (no negative axis); nothing from 2^63 on. A zero anywhere makes it zero,
/// also beside axes whose product would overflow.
std::optional<std::uint64_t> tensor_bytes(Dtype dtype, std::span<const std::int64_t> shape);

} // namespace fa::models
