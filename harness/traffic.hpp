#pragma once
/// Bytes that cross ranks, from the shapes of what probe_stage.cpp, fresh_stage.cpp and run_inputs.cpp send.
/// The agreements before each step (a few bytes each) are left out.

#include "harness/plan.hpp"
#include "harness/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fa::harness {

/// Bytes that arrive at a rank that didn't have them: what goes to n ranks of a team counts n − 1 times, a
/// sum over them 2(n − 1) times (there and back).
struct Traffic {
    std::uint64_t checkpoint = 0; ///< the leader's bytes of checkpoint and feedback file
    std::uint64_t gamma = 0;      ///< ĝ, ê, norms and mean directions of every batch, and what fills
                                  ///< the exchange's last window
    std::uint64_t counts = 0;     ///< histograms
    std::uint64_t values = 0;     ///< each strategy's and layer's value for every draw
    std::uint64_t data = 0;       ///< test splits, once a team

    std::uint64_t total() const { return checkpoint + gamma + counts + values + data; }
    Traffic& operator+=(const Traffic& other);
};

/// Of one run in a team, without its data set.
Traffic traffic_of(const PlannedRun& run, int ranks, std::size_t strategies);

/// What a job moves, and what its team leaders read.
struct JobTraffic {
    Traffic moved;
    std::uint64_t read = 0; ///< checkpoints; data sets once a team; run files read back to be verified
};
JobTraffic traffic_of(const std::vector<PlannedRun>& runs, const Schedule& schedule, std::size_t strategies);

} // namespace fa::harness
