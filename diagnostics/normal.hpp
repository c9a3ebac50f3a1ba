#pragma once
/// Random matrices' entries: words of diagnostics/philox.hpp turned into numbers by IEEE-exact operations
/// alone
/// (+ − × ÷ sqrt in double, no contraction, no libm), so that a draw is the same bits on every machine
/// (design 7).
///
/// Normals are Box and Muller's: words (0, 1) of block b give elements 4b and 4b + 1 (cosine, sine), words
/// (2, 3) give 4b + 2 and 4b + 3. Every other distribution takes word e mod 4 of block e / 4 for element e.
/// All of it is computed in double, multiplied by the scale, and rounded to float once.

#include "diagnostics/philox.hpp"

#include <cstdint>
#include <span>

namespace fa::random {

/// One matrix's random numbers.
struct Stream {
    std::uint64_t seed = 0;
    std::uint32_t purpose = Purpose::fresh;
    std::uint32_t draw = 0;
    std::uint32_t layer = 0;
};

/// A stream ends after this many elements: blocks are counted in 32 bits.
inline constexpr std::uint64_t stream_length = std::uint64_t{1} << 34;

/// Elements first, first + 1, … of N(0, scale²). Which range they are asked in never changes their bits.
/// @throws std::out_of_range beyond `stream_length`, for every function below
void fill_normal(const Stream& stream, std::uint64_t first, double scale, std::span<float> out);
/// The same with scale 1, not yet rounded to float.
void fill_normal(const Stream& stream, std::uint64_t first, std::span<double> out);
/// (2u − 1)·√3·scale: standard deviation `scale`.
void fill_uniform(const Stream& stream, std::uint64_t first, double scale, std::span<float> out);
/// +scale where the lowest bit of the word is 1, else −scale.
void fill_rademacher(const Stream& stream, std::uint64_t first, double scale, std::span<float> out);
/// The words themselves.
void fill_words(const Stream& stream, std::uint64_t first, std::span<std::uint32_t> out);

} // namespace fa::random
