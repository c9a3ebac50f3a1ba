#pragma once
/// How a run's arithmetic is cut: sizes that never depend on the ranks (design 7).

#include <cstdint>
#include <utility>
#include <vector>

namespace fa::jobs {

/// Contiguous half-open range.
struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t size() const { return end - begin; }
};

/// Draws per block: min(32, ⌈R/8⌉); the last block may be shorter. 0 draws: no block.
std::int64_t draws_per_block(std::int64_t draws);
/// All blocks of a run, in order.
std::vector<Range> draw_blocks(std::int64_t draws);

/// The part of `items` that falls to `rank` of `ranks`: contiguous, sizes differ by at most one.
Range share(std::int64_t items, int rank, int ranks);

/// The evaluation samples: the first `count` of a permutation of 0 … samples − 1 keyed by the seed (design
/// 2).
/// @throws std::invalid_argument if count > samples
std::vector<std::int64_t> evaluation_samples(std::int64_t samples, std::int64_t count,
                                             std::uint64_t eval_seed);

} // namespace fa::jobs
