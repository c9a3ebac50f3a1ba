#pragma once
/// How a run that takes long is cut into segments: by planned work, never by a clock.

#include "harness/work.hpp"
#include "jobs/plan.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace fa::harness {

/// How many blocks of draws a segment has at most: as many as are planned to take `most` multiply-adds, at
/// least one. 0: the draws take no more than that in all, and the run isn't saved in segments.
std::int64_t blocks_per_segment(const RunWork& work, double most);

/// Cuts what is to be measured, in the order of the draws, into segments: each is contiguous, of at most
/// `most_blocks` blocks; the segments of a contiguous stretch differ by at most one block.
/// @param blocks  sorted, not empty each
std::vector<std::vector<jobs::Range>> cut(std::span<const jobs::Range> blocks, std::int64_t most_blocks);

/// How many segments a run comes to when a team of `ranks` measures it without an interruption; 0: it isn't
/// cut.
std::int64_t segments_of(const RunWork& work, double most, int ranks);

} // namespace fa::harness
