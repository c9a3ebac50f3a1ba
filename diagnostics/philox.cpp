#include "diagnostics/philox.hpp"

#include <Random123/philox.h>

namespace fa::random {

std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint32_t purpose, std::uint32_t draw,
                                    std::uint32_t layer, std::uint32_t block) noexcept
{
    const r123::Philox4x32::ctr_type counter = {{block, layer, draw, purpose}};
    const r123::Philox4x32::key_type key = {
        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
    const auto words = r123::Philox4x32{}(counter, key);
    return {words[0], words[1], words[2], words[3]};
}

} // namespace fa::random
