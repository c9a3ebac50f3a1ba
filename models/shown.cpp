#include "models/shown.hpp"

namespace fa::models {

std::string shown(std::string_view name)
{
    constexpr std::size_t longest = 100;
    std::string text = "'";
    for (const char character : name.substr(0, longest))
        text += static_cast<unsigned char>(character) < 0x20 || character == 0x7f ? '?' : character;
    return text + (name.size() > longest ? "…'" : "'");
}

std::string shown(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (const auto axis : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(axis);
    return text + "]";
}

} // namespace fa::models
