#include "models/safetensors_dtype.hpp"

#include <array>
#include <utility>

namespace fa::models {
namespace {

constexpr std::array<std::pair<std::string_view, at::ScalarType>, 10> dtypes{{
    {"F64", at::kDouble},
    {"F32", at::kFloat},
    {"F16", at::kHalf},
    {"BF16", at::kBFloat16},
    {"I64", at::kLong},
    {"I32", at::kInt},
    {"I16", at::kShort},
    {"I8", at::kChar},
    {"U8", at::kByte},
    {"BOOL", at::kBool},
}};

} // namespace

std::optional<at::ScalarType> scalar_type_of(std::string_view dtype)
{
    for (const auto& [name, type] : dtypes)
        if (name == dtype)
            return type;
    return std::nullopt;
}

std::optional<std::string> dtype_name(at::ScalarType type)
{
    for (const auto& [name, known] : dtypes)
        if (known == type)
            return std::string(name);
    return std::nullopt;
}

std::string known_dtypes()
{
    std::string names;
    for (const auto& entry : dtypes)
        names += (names.empty() ? "" : ", ") + std::string(entry.first);
    return names;
}

} // namespace fa::models
