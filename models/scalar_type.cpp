#include "models/scalar_type.hpp"

#include <array>
#include <utility>

namespace fa::models {
namespace {

constexpr std::array<std::pair<Dtype, at::ScalarType>, 20> types{{
    {Dtype::f64, at::kDouble},
    {Dtype::f32, at::kFloat},
    {Dtype::f16, at::kHalf},
    {Dtype::bf16, at::kBFloat16},
    {Dtype::i64, at::kLong},
    {Dtype::i32, at::kInt},
    {Dtype::i16, at::kShort},
    {Dtype::i8, at::kChar},
    {Dtype::u8, at::kByte},
    {Dtype::boolean, at::kBool},
    {Dtype::u64, at::kUInt64},
    {Dtype::u32, at::kUInt32},
    {Dtype::u16, at::kUInt16},
    {Dtype::f8_e4m3fn, at::kFloat8_e4m3fn},
    {Dtype::f8_e5m2, at::kFloat8_e5m2},
    {Dtype::f8_e4m3fnuz, at::kFloat8_e4m3fnuz},
    {Dtype::f8_e5m2fnuz, at::kFloat8_e5m2fnuz},
    {Dtype::f8_e8m0fnu, at::kFloat8_e8m0fnu},
    {Dtype::complex64, at::kComplexFloat},
    {Dtype::complex128, at::kComplexDouble},
}};

} // namespace

at::ScalarType scalar_type(Dtype dtype)
{
    for (const auto& [known, type] : types)
        if (known == dtype)
            return type;
    return at::ScalarType::Undefined;
}

std::optional<Dtype> dtype_of(at::ScalarType type)
{
    for (const auto& [dtype, known] : types)
        if (known == type)
            return dtype;
    return std::nullopt;
}

} // namespace fa::models
