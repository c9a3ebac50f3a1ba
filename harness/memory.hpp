#pragma once
/// Memory that a run takes on one rank, from its shapes (docs/manual.md, "Memory").

#include "harness/plan.hpp"

#include <cstdint>

namespace fa::harness {

/// Bytes on the rank of a team that holds most (the leader: shares are never larger behind it). What isn't in
/// it: LibTorch and MPI themselves, and the activations of the one batch that goes through the network.
struct RunMemory {
    std::uint64_t rows = 0;     ///< this rank's rows of the run file's datasets
    std::uint64_t gamma = 0;    ///< ĝ, ê and norms of every batch
    std::uint64_t products = 0; ///< of one block of draws on one batch
    std::uint64_t draws = 0;    ///< one block of draws with their Gram matrices
    std::uint64_t network = 0;  ///< the checkpoint's bytes, and the weights in both precisions
    std::uint64_t data = 0;     ///< the test split
    std::uint64_t kept = 0;     ///< not in the total: the rank's other draws, kept for the next runs of their
                                ///< shape as far as memory goes
    std::uint64_t writing = 0;  ///< at the end: the run file's skeleton in memory, as long as the file

    std::uint64_t total() const { return rows + gamma + products + draws + network + data + writing; }
};

/// @param ranks  of the team
RunMemory memory_of(const PlannedRun& run, int ranks);

} // namespace fa::harness
