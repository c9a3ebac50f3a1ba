#pragma once
/// Counter-based random bits: Philox4x32-10 (Salmon et al., SC 2011; Random123's), keyed by what a number is
/// for and where it stands, never by call order (design 7). Knows no LibTorch; every room may link
/// `fa::random`.

#include <array>
#include <cstdint>

namespace fa::random {

/// What random bits are for: streams of different purposes never meet.
enum Purpose : std::uint32_t {
    fresh = 1,          ///< fresh feedback draws
    training = 2,       ///< the feedback a network is trained with (`seed:N`)
    evaluation = 3,     ///< which test samples are evaluated
    initialisation = 4, ///< initial weights
    shuffle = 5,        ///< the order of training samples
    bootstrap = 6,      ///< resampling in the statistics
    permute = 7,        ///< `feedback_distribution=permute`
};

/// Four random words of one block.
///
/// Counter (block, layer, draw, purpose), key (low half of seed, high half of seed). Element e of a matrix,
/// in row-major order, takes its words from block e / 4.
std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint32_t purpose, std::uint32_t draw,
                                    std::uint32_t layer, std::uint32_t block) noexcept;

/// A word as a double in the open interval (0, 1): (word + ½)·2⁻³², exact.
constexpr double uniform01(std::uint32_t word) noexcept
{
    return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

} // namespace fa::random
