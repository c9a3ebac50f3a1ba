#pragma once
/// The inner loops of fa::random: 64 blocks of words at a time, one build per instruction set, equal bits
/// from all.

#include "diagnostics/instruction_set.hpp"

#include <cstdint>

namespace fa::random {

/// Blocks and elements of one kernel call.
inline constexpr int chunk_blocks = 64;
inline constexpr int chunk_elements = 4 * chunk_blocks;

/// Philox's key and counter; blocks first_block … first_block + 63 (modulo 2³²).
struct ChunkKey {
    std::uint32_t key[2];
    std::uint32_t first_block;
    std::uint32_t layer;
    std::uint32_t draw;
    std::uint32_t purpose;
};

/// One instruction set's loops. Each writes `chunk_elements` elements.
struct Kernel {
    void (*words)(const ChunkKey& key, std::uint32_t* out);
    void (*normals)(const ChunkKey& key, double* out);
    void (*scaled_normals)(const ChunkKey& key, double scale, float* out);
    void (*uniforms)(const ChunkKey& key, double scale, float* out);
    void (*rademachers)(const ChunkKey& key, double scale, float* out);
};

/// @pre the set is among `supported_instruction_sets()`
const Kernel& kernel_for(InstructionSet set) noexcept;

} // namespace fa::random
