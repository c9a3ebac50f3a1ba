#pragma once
#include <functional>

namespace fa::harness {

/// Called between pieces of work with the share of the run (0 … 1, over all its ranks) that was just done:
/// lets MPI serve other ranks, looks at the signal flag, moves the progress line.
using Heartbeat = std::function<void(double share)>;

/// How a run's work is spread over its pieces, in shares of one: from its shapes, never from a clock.
struct WorkShares {
    double per_batch = 0;
    double per_accuracy_batch = 0;
    double per_draw_block = 0;
};

} // namespace fa::harness
