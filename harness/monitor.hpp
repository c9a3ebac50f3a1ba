#pragma once
/// What every rank does between two pieces of work: lets MPI serve the others, looks at the signal flag and
/// whether another rank's is raised, tells how far the job is.

#include "harness/comm/counter.hpp"
#include "harness/heartbeat.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace fa::harness {

/// Hands out runs and counts work, for the whole job. Construction and destruction are collective in the
/// world.
class Monitor {
  public:
    /// @param shares  each run's share of the job's work; their sum is 1
    Monitor(const comm::Communicator& world, std::vector<double> shares);
    ~Monitor();
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    /// The next run's place in the order, of the first `runs`; nothing when these are given out or a stop was
    /// asked for.
    std::optional<std::size_t> next_run(std::size_t runs);
    /// Has no rank been asked to stop?
    bool may_begin();
    /// Was a stop asked for, as far as this rank knows? It takes a beat to hear of another's.
    bool stopping() const;
    /// The heartbeat of a run: `share` of that run's work is done.
    Heartbeat heartbeat_of(std::size_t place);
    /// Serves the others and shows progress until all ranks are here. Collective in the world.
    void wait_for_all();

  private:
    void beat(double share_of_job);
    void tell_of_stop();
    void show();

    using Clock = std::chrono::steady_clock;
    const comm::Communicator& world_;
    std::vector<double> shares_;
    comm::SharedCounter counter_;
    double unsent_ = 0;
    bool told_ = false;    ///< the others, of a signal to this rank
    bool stopped_ = false; ///< as far as this rank has heard
    bool terminal_;
    bool shown_ = false;
    Clock::time_point started_ = Clock::now();
    Clock::time_point sent_ = started_;
    Clock::time_point last_shown_ = started_;
};

} // namespace fa::harness
