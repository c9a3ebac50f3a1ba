#include "models/dtype.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace fa::models {
namespace {

struct Names {
    Dtype dtype;
    std::size_t bytes;
    std::string_view safetensors;
    std::string_view torch;
    std::string_view storage;
};

/// In the order of the enumeration.
constexpr std::array<Names, 20> table{{
    {Dtype::f64, 8, "F64", "float64", "DoubleStorage"},
    {Dtype::f32, 4, "F32", "float32", "FloatStorage"},
    {Dtype::f16, 2, "F16", "float16", "HalfStorage"},
    {Dtype::bf16, 2, "BF16", "bfloat16", "BFloat16Storage"},
    {Dtype::i64, 8, "I64", "int64", "LongStorage"},
    {Dtype::i32, 4, "I32", "int32", "IntStorage"},
    {Dtype::i16, 2, "I16", "int16", "ShortStorage"},
    {Dtype::i8, 1, "I8", "int8", "CharStorage"},
    {Dtype::u8, 1, "U8", "uint8", "ByteStorage"},
    {Dtype::boolean, 1, "BOOL", "bool", "BoolStorage"},
    {Dtype::u64, 8, "U64", "uint64", ""},
    {Dtype::u32, 4, "U32", "uint32", ""},
    {Dtype::u16, 2, "U16", "uint16", ""},
    {Dtype::f8_e4m3fn, 1, "F8_E4M3", "float8_e4m3fn", ""},
    {Dtype::f8_e5m2, 1, "F8_E5M2", "float8_e5m2", ""},
    {Dtype::f8_e4m3fnuz, 1, "", "float8_e4m3fnuz", ""},
    {Dtype::f8_e5m2fnuz, 1, "", "float8_e5m2fnuz", ""},
    {Dtype::f8_e8m0fnu, 1, "F8_E8M0", "float8_e8m0fnu", ""},
    {Dtype::complex64, 8, "C64", "complex64", "ComplexFloatStorage"},
    {Dtype::complex128, 16, "", "complex128", "ComplexDoubleStorage"},
}};

constexpr bool in_order()
{
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].dtype) != i)
            return false;
    return true;
}
static_assert(in_order());

const Names& names_of(Dtype dtype)
{
    return table.at(static_cast<std::size_t>(dtype));
}

std::optional<Dtype> find(std::string_view name, std::string_view Names::* column)
{
    const auto found = std::ranges::find(table, name, column);
    return found == table.end() || name.empty() ? std::nullopt : std::optional(found->dtype);
}

} // namespace

std::size_t element_bytes(Dtype dtype)
{
    return names_of(dtype).bytes;
}

std::optional<Dtype> dtype_of_safetensors(std::string_view name)
{
    return find(name, &Names::safetensors);
}

std::string_view safetensors_name(Dtype dtype)
{
    return names_of(dtype).safetensors;
}

std::string known_safetensors_names()
{
    std::string names;
    for (const auto& entry : table)
        if (!entry.safetensors.empty())
            names += (names.empty() ? "" : ", ") + std::string(entry.safetensors);
    return names;
}

std::optional<Dtype> dtype_of_torch(std::string_view name)
{
    return find(name, &Names::torch);
}

std::string_view torch_name(Dtype dtype)
{
    return names_of(dtype).torch;
}

std::optional<Dtype> dtype_of_storage(std::string_view name)
{
    return find(name, &Names::storage);
}

std::optional<std::uint64_t> tensor_bytes(Dtype dtype, std::span<const std::int64_t> shape)
{
    if (std::ranges::find(shape, 0) != shape.end())
        return 0;
    std::uint64_t bytes = element_bytes(dtype);
    for (const auto axis : shape)
        if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(axis), &bytes) ||
            bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
    return bytes;
}

} // namespace fa::models
