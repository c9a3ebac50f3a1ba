#pragma once
/// Memory that a run takes on one rank, from its shapes (docs/manual.md, "Memory").

#include "harness/plan.hpp"

#include <cstdint>
#include <string>

namespace fa::harness {

/// Bytes on the rank of a team that holds most (the leader: shares are never larger behind it). What isn't in
/// it: LibTorch and MPI themselves, and the activations of the one batch that goes through the network.
struct RunMemory {
    std::uint64_t rows = 0;     ///< this rank's rows of the run file's datasets
    std::uint64_t gamma = 0;    ///< ĝ, ê, norms and mean directions of every batch
    std::uint64_t products = 0; ///< of one block of draws on one batch
    std::uint64_t draws = 0;    ///< one block of draws, and what it is made in
    std::uint64_t network = 0;  ///< the checkpoint's bytes, and the weights in both precisions
    std::uint64_t data = 0;     ///< the test split
    std::uint64_t kept = 0;     ///< not in the total: the rank's other draws, kept for the next runs of their
                                ///< shape as far as memory goes
    std::uint64_t writing = 0;  ///< at the end: the run file's skeleton in memory, as long as the file

    std::uint64_t total() const { return rows + gamma + products + draws + network + data + writing; }
};

/// Why a run that takes more than a rank may fill can't be audited, and what would help.
std::string too_large(const RunMemory& memory, std::uint64_t budget);

/// @param ranks  of the team
RunMemory memory_of(const PlannedRun& run, int ranks);

} // namespace fa::harness
