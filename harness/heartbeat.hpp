#pragma once
#include <functional>
#include <utility>

namespace fa::harness {

/// Called between pieces of work with the share of the run (0 … 1, over all its ranks) that was just done:
/// lets MPI serve other ranks, looks at the signal flag, moves the progress line.
class Heartbeat {
  public:
    /// Of work that no one watches and no signal stops.
    Heartbeat() = default;
    /// @param stopping  was the job asked to stop, as far as this rank knows?
    Heartbeat(std::function<void(double share)> beat, std::function<bool()> stopping)
        : beat_(std::move(beat)), stopping_(std::move(stopping))
    {
    }

    void operator()(double share) const
    {
        if (beat_)
            beat_(share);
    }
    /// Ranks learn of a stop at different times: agree on what follows from it.
    bool stopping() const { return stopping_ && stopping_(); }

  private:
    std::function<void(double)> beat_;
    std::function<bool()> stopping_;
};

/// How a run's work is spread over its pieces, in shares of one: from its shapes, never from a clock.
struct WorkShares {
    double per_batch = 0;
    double per_accuracy_batch = 0;
    double per_draw_block = 0;
};

} // namespace fa::harness
