#pragma once
/// The arithmetic of random numbers, the same on every CPU and GPU: integers, and + − × ÷ √ in double, each
/// rounded once (design 7). Whoever includes this forbids contraction: GCC -ffp-contract=off, nvcc
/// --fmad=false.
///
/// Every function is the including file's own (an unnamed namespace, always inlined): random_kernel.cpp is
/// compiled once per instruction set, and of a function with external linkage the linker would keep one copy,
/// which could be the one with instructions that another processor lacks. For the same reason no <cmath>.

#include "diagnostics/host_device.hpp"

#include <cstdint>

#define FA_INTERNAL [[maybe_unused, gnu::always_inline]] FA_HOST_DEVICE inline

namespace fa::random {
namespace {

/// Words 0 … 3 of a block.
struct PhiloxBlock {
    std::uint32_t word[4];
};

/// Ten rounds of Philox4x32 (Salmon et al., SC 2011, section 3.3) of the counter (block, layer, draw,
/// purpose).
FA_INTERNAL PhiloxBlock philox_block(std::uint32_t k0, std::uint32_t k1, std::uint32_t block,
                                     std::uint32_t layer, std::uint32_t draw, std::uint32_t purpose)
{
    constexpr std::uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
    constexpr std::uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
    std::uint32_t c0 = block, c1 = layer, c2 = draw, c3 = purpose;
#ifndef __CUDACC__ // which knows no such pragma, and unrolls anyway
#pragma GCC unroll 10
#endif
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = multiplier0 * c0, product1 = multiplier1 * c2;
        const auto high0 = static_cast<std::uint32_t>(product0 >> 32);
        const auto high1 = static_cast<std::uint32_t>(product1 >> 32);
        c0 = high1 ^ c1 ^ k0;
        c1 = static_cast<std::uint32_t>(product1);
        c2 = high0 ^ c3 ^ k1;
        c3 = static_cast<std::uint32_t>(product0);
        k0 += weyl0;
        k1 += weyl1;
    }
    return {{c0, c1, c2, c3}};
}

/// √value, correctly rounded: one instruction of every processor.
FA_INTERNAL double square_root(double value)
{
#ifdef __CUDA_ARCH__
    return __dsqrt_rn(value);
#else
    return __builtin_sqrt(value);
#endif
}

FA_INTERNAL std::uint64_t bits_of(double value)
{
    return __builtin_bit_cast(std::uint64_t, value);
}

FA_INTERNAL double double_of(std::uint64_t bits)
{
    return __builtin_bit_cast(double, bits);
}

[[maybe_unused]] constexpr std::uint64_t exponent_52 = 0x4330000000000000; // the bits of 2⁵²

/// integer + shift, exact: the integer (< 2⁵²) becomes 2⁵² + integer by its bits. (No instruction below
/// AVX-512 converts unsigned words.)
FA_INTERNAL double exact(std::uint64_t integer, double shift)
{
    return double_of(exponent_52 | integer) - (0x1p52 - shift);
}

/// √(−2 ln((word + ½)·2⁻³²)).
///
/// With u = 2ᵉ·f, √½ ≤ f < √2, and s = (f − 1)/(f + 1): ln u = e·ln 2 + 2·atanh(s). s² < 0.0295, so the
/// series to s¹⁷ is good to 1e-15.
FA_INTERNAL double radius(std::uint32_t word)
{
    constexpr std::uint64_t root_half = 0x3FE6A09E667F3BCD; // the bits of √½
    constexpr double ln2 = 0x1.62e42fefa39efp-1;
    const double u = exact(word, 0.5) * 0x1p-32;
    const std::uint64_t bits = bits_of(u);
    const std::uint64_t exponent_plus_64 = (bits - root_half + (std::uint64_t{64} << 52)) >> 52; // 31 … 64
    const double f = double_of(bits + (std::uint64_t{64} << 52) - (exponent_plus_64 << 52));
    const double exponent = exact(exponent_plus_64, -64.0);
    const double s = (f - 1.0) / (f + 1.0);
    const double t = s * s;
    double series = 1.0 / 17.0;
    series = series * t + 1.0 / 15.0;
    series = series * t + 1.0 / 13.0;
    series = series * t + 1.0 / 11.0;
    series = series * t + 1.0 / 9.0;
    series = series * t + 1.0 / 7.0;
    series = series * t + 1.0 / 5.0;
    series = series * t + 1.0 / 3.0;
    series = series * t + 1.0;
    const double logarithm = exponent * ln2 + (s + s) * series;
    return square_root(-2.0 * logarithm);
}

/// Cosine and sine of 2π(word + ½)·2⁻³².
struct Direction {
    double cosine, sine;
};

/// The upper three bits name the octant, the others the angle in it, measured from the nearer axis: 0 < θ <
/// π/4. Taylor series of θ, good to 2e-14 relative.
FA_INTERNAL Direction direction(std::uint32_t word)
{
    constexpr double quarter_pi = 0x1.921fb54442d18p-1;
    const std::uint32_t octant = word >> 29;
    const std::uint32_t mirrored = 0U - (octant & 1U); // all ones in odd octants
    const std::uint32_t step = (word ^ mirrored) & 0x1FFFFFFFU;
    const double angle = exact(step, 0.5) * (quarter_pi * 0x1p-29);
    const double square = angle * angle;
    double sine = 1.0 / 6227020800.0;
    sine = sine * square - 1.0 / 39916800.0;
    sine = sine * square + 1.0 / 362880.0;
    sine = sine * square - 1.0 / 5040.0;
    sine = sine * square + 1.0 / 120.0;
    sine = sine * square - 1.0 / 6.0;
    sine = sine * square * angle + angle;
    double cosine = -1.0 / 87178291200.0;
    cosine = cosine * square + 1.0 / 479001600.0;
    cosine = cosine * square - 1.0 / 3628800.0;
    cosine = cosine * square + 1.0 / 40320.0;
    cosine = cosine * square - 1.0 / 720.0;
    cosine = cosine * square + 1.0 / 24.0;
    cosine = cosine * square - 0.5;
    cosine = cosine * square + 1.0;
    // Octants 1, 2, 5, 6 are nearer to the sine's axis; the cosine is negative in 2 … 5, the sine in 4 … 7.
    const std::uint64_t swap = 0 - static_cast<std::uint64_t>(((octant + 1) >> 1) & 1U);
    const std::uint64_t difference = (bits_of(cosine) ^ bits_of(sine)) & swap;
    const std::uint64_t negative_cosine = static_cast<std::uint64_t>(((octant + 2) >> 2) & 1U) << 63;
    const std::uint64_t negative_sine = static_cast<std::uint64_t>(octant >> 2) << 63;
    return {double_of(bits_of(cosine) ^ difference ^ negative_cosine),
            double_of(bits_of(sine) ^ difference ^ negative_sine)};
}

/// (2u − 1)·√3·scale of a word's u.
FA_INTERNAL float scaled_uniform(std::uint32_t word, double scale)
{
    constexpr double root3 = 0x1.bb67ae8584caap+0;
    const double u = exact(word, 0.5) * 0x1p-32;
    return static_cast<float>((2.0 * u - 1.0) * root3 * scale);
}

} // namespace
} // namespace fa::random
