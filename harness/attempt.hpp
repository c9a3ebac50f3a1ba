#pragma once
/// Which runs end the job: a run that a process doesn't survive (killed by a signal or for its memory) must
/// not end every requeued job, and the runs beside it must not be blamed (design 8).

#include "harness/comm/communicator.hpp"
#include "store/attempt_record.hpp"
#include "store/layout.hpp"

#include <cstdint>
#include <string>

namespace fa::harness {

/// How many jobs in a row ended with this run in hand, none of its segments saved between. Not counted are a
/// job that was told to stop, and one that lives and has the run in hand now.
std::int64_t jobs_ended_by(const store::Layout& layout, const std::string& name);

/// So many are enough to give a run up.
inline constexpr std::int64_t ended_jobs_allowed = 2;
/// What is said of it.
std::string given_up();

/// A run in hand, on each rank of its team, from its begin to an orderly end. A process that dies leaves the
/// record behind, and so does an exception that isn't a run's failure: it ends the job.
class Attempt {
  public:
    /// @param forgive  don't count the jobs that it ended before (--retry)
    Attempt(const store::Layout& layout, std::string name, const comm::Communicator& team, bool forgive);

    /// Measured, or failed with its reason.
    void over();
    /// Stopped: as if it hadn't been begun.
    void take_back();

  private:
    const store::Layout& layout_;
    std::string name_;
    bool leads_;
    store::AttemptRecord before_{.begun = 0}; ///< on the leader
};

} // namespace fa::harness
