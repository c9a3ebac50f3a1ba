#include "diagnostics/philox.hpp"

#include "diagnostics/random_arithmetic.hpp"

namespace fa::random {

std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint32_t purpose, std::uint32_t draw,
                                    std::uint32_t layer, std::uint32_t block) noexcept
{
    const auto words = philox_block(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                    block, layer, draw, purpose);
    return {words.word[0], words.word[1], words.word[2], words.word[3]};
}

} // namespace fa::random
