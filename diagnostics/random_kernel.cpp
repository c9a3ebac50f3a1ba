/// Compiled once per instruction set (FA_KERNEL), always with -ffp-contract=off.
///
/// Nothing here may come from a header's inline function: the linker keeps one copy of those for the whole
/// program, and it could keep the one with instructions that another processor lacks. Hence own Philox rounds
/// (a test compares them with Random123's) and no <cmath> but the builtin square root, which is one
/// instruction.
///
/// Loops run over arrays of a whole chunk, without branches, so that the compiler turns them into vectors.

#include "diagnostics/random_kernel.hpp"

#define FA_JOIN_NAMES(a, b) a##b
#define FA_KERNEL_SYMBOL(name) FA_JOIN_NAMES(kernel_, name)

namespace fa::random {
namespace {

constexpr int pairs = 2 * chunk_blocks;

/// Words 0 … 3 of each block, word by word.
struct Words {
    alignas(64) std::uint32_t word[4][chunk_blocks];
};

/// Ten rounds of Philox4x32 (Salmon et al., SC 2011, section 3.3).
void generate(const ChunkKey& chunk, Words& words)
{
    constexpr std::uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
    constexpr std::uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
    const ChunkKey start = chunk; // a copy: the stores below cannot change it
    for (int i = 0; i < chunk_blocks; ++i) {
        std::uint32_t c0 = start.first_block + static_cast<std::uint32_t>(i);
        std::uint32_t c1 = start.layer, c2 = start.draw, c3 = start.purpose;
        std::uint32_t k0 = start.key[0], k1 = start.key[1];
#pragma GCC unroll 10
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
        words.word[0][i] = c0;
        words.word[1][i] = c1;
        words.word[2][i] = c2;
        words.word[3][i] = c3;
    }
}

std::uint64_t bits_of(double value)
{
    return __builtin_bit_cast(std::uint64_t, value);
}

double double_of(std::uint64_t bits)
{
    return __builtin_bit_cast(double, bits);
}

constexpr std::uint64_t exponent_52 = 0x4330000000000000; // the bits of 2⁵²

/// integer + shift, exact: the integer (< 2⁵²) becomes 2⁵² + integer by its bits. (No instruction below
/// AVX-512 converts unsigned words.)
double exact(std::uint64_t integer, double shift)
{
    return double_of(exponent_52 | integer) - (0x1p52 - shift);
}

/// √(−2 ln((word + ½)·2⁻³²)).
///
/// With u = 2ᵉ·f, √½ ≤ f < √2, and s = (f − 1)/(f + 1): ln u = e·ln 2 + 2·atanh(s). s² < 0.0295, so the
/// series to s¹⁷ is good to 1e-15.
double radius(std::uint32_t word)
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
    return __builtin_sqrt(-2.0 * logarithm);
}

/// Cosine and sine of 2π(word + ½)·2⁻³².
struct Direction {
    double cosine, sine;
};

/// The upper three bits name the octant, the others the angle in it, measured from the nearer axis: 0 < θ <
/// π/4. Taylor series of θ, good to 2e-14 relative.
Direction direction(std::uint32_t word)
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

/// Box and Muller's pairs, cosines and sines apart: words (0, 1) of the blocks first, then words (2, 3).
struct Pairs {
    alignas(64) double cosine[pairs];
    alignas(64) double sine[pairs];
};

void box_muller(const Words& words, Pairs& out)
{
    for (int half = 0; half < 2; ++half) {
        for (int i = 0; i < chunk_blocks; ++i) {
            const double length = radius(words.word[2 * half][i]);
            const Direction unit = direction(words.word[2 * half + 1][i]);
            out.cosine[half * chunk_blocks + i] = length * unit.cosine;
            out.sine[half * chunk_blocks + i] = length * unit.sine;
        }
    }
}

void words(const ChunkKey& key, std::uint32_t* out)
{
    Words generated;
    generate(key, generated);
    for (int i = 0; i < chunk_blocks; ++i)
        for (int j = 0; j < 4; ++j)
            out[4 * i + j] = generated.word[j][i];
}

void normals(const ChunkKey& key, double* out)
{
    Words generated;
    generate(key, generated);
    Pairs normal;
    box_muller(generated, normal);
    for (int i = 0; i < chunk_blocks; ++i) {
        out[4 * i] = normal.cosine[i];
        out[4 * i + 1] = normal.sine[i];
        out[4 * i + 2] = normal.cosine[chunk_blocks + i];
        out[4 * i + 3] = normal.sine[chunk_blocks + i];
    }
}

void scaled_normals(const ChunkKey& key, double scale, float* out)
{
    Words generated;
    generate(key, generated);
    Pairs normal;
    box_muller(generated, normal);
    for (int i = 0; i < chunk_blocks; ++i) {
        out[4 * i] = static_cast<float>(normal.cosine[i] * scale);
        out[4 * i + 1] = static_cast<float>(normal.sine[i] * scale);
        out[4 * i + 2] = static_cast<float>(normal.cosine[chunk_blocks + i] * scale);
        out[4 * i + 3] = static_cast<float>(normal.sine[chunk_blocks + i] * scale);
    }
}

void uniforms(const ChunkKey& key, double scale, float* out)
{
    constexpr double root3 = 0x1.bb67ae8584caap+0;
    alignas(64) std::uint32_t word[chunk_elements];
    words(key, word);
    for (int i = 0; i < chunk_elements; ++i) {
        const double u = exact(word[i], 0.5) * 0x1p-32;
        out[i] = static_cast<float>((2.0 * u - 1.0) * root3 * scale);
    }
}

void rademachers(const ChunkKey& key, double scale, float* out)
{
    const float magnitude = static_cast<float>(scale);
    const float either[2] = {-magnitude, magnitude};
    alignas(64) std::uint32_t word[chunk_elements];
    words(key, word);
    for (int i = 0; i < chunk_elements; ++i)
        out[i] = either[word[i] & 1U];
}

} // namespace

extern const Kernel FA_KERNEL_SYMBOL(FA_KERNEL);
const Kernel FA_KERNEL_SYMBOL(FA_KERNEL) = {
    &words, &normals, &scaled_normals, &uniforms, &rademachers,
};

} // namespace fa::random
