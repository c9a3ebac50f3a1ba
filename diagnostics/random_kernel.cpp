/// Compiled once per instruction set (FA_KERNEL), always with -ffp-contract=off.
///
/// Nothing here may come from a header's function with external linkage: the linker keeps one copy of those
/// for the whole program, and it could keep the one with instructions that another processor lacks. Hence own
/// Philox rounds (a test compares them with Random123's) and no <cmath>: random_arithmetic.hpp.
///
/// Loops run over arrays of a whole chunk, without branches, so that the compiler turns them into vectors.

#include "diagnostics/random_kernel.hpp"

#include "diagnostics/random_arithmetic.hpp"

#define FA_JOIN_NAMES(a, b) a##b
#define FA_KERNEL_SYMBOL(name) FA_JOIN_NAMES(kernel_, name)

namespace fa::random {
namespace {

constexpr int pairs = 2 * chunk_blocks;

/// Words 0 … 3 of each block, word by word.
struct Words {
    alignas(64) std::uint32_t word[4][chunk_blocks];
};

void generate(const ChunkKey& chunk, Words& words)
{
    const ChunkKey start = chunk; // a copy: the stores below cannot change it
    for (int i = 0; i < chunk_blocks; ++i) {
        const PhiloxBlock block =
            philox_block(start.key[0], start.key[1], start.first_block + static_cast<std::uint32_t>(i),
                         start.layer, start.draw, start.purpose);
        for (int j = 0; j < 4; ++j)
            words.word[j][i] = block.word[j];
    }
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
    alignas(64) std::uint32_t word[chunk_elements];
    words(key, word);
    for (int i = 0; i < chunk_elements; ++i)
        out[i] = scaled_uniform(word[i], scale);
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
