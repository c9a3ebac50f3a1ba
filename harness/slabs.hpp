#pragma once
/// A gathering of long buffers, cut into slabs so that the memory beside them stays bounded.

#include "jobs/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fa::harness {

/// Bytes of each rank in a slab whose bytes of all ranks fill at most `slab_bytes`: a multiple of 64, or all
/// `bytes`; at least 64.
inline std::int64_t slab_length(std::int64_t bytes, int ranks, std::int64_t slab_bytes)
{
    return std::min(bytes, std::max<std::int64_t>(64, slab_bytes / ranks / 64 * 64));
}

/// 0 … bytes in pieces of `length`, the last one shorter.
inline std::vector<jobs::Range> slabs(std::int64_t bytes, std::int64_t length)
{
    std::vector<jobs::Range> all;
    for (std::int64_t begin = 0; begin < bytes; begin += length)
        all.push_back({begin, std::min(begin + length, bytes)});
    return all;
}

} // namespace fa::harness
