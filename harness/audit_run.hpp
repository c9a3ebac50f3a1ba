#pragma once
/// One run in its team, from bytes to a finished run file (design 9, "A run in its team").

#include "harness/comm/communicator.hpp"
#include "harness/heartbeat.hpp"
#include "harness/options.hpp"
#include "harness/workbench.hpp"
#include "jobs/run_spec.hpp"

#include <cstdint>
#include <string>

namespace fa::harness {

enum class Outcome {
    measured,
    already_there,
    stopped ///< on a signal, before its last draw; what was measured of a run in segments is saved
};

/// What provenance.jsonl says of a run beside its outcome.
struct RunTimings {
    double reading = 0, probing = 0, accuracy = 0, fresh = 0, writing = 0; ///< seconds on the leader
};

struct AuditedRun {
    Outcome outcome = Outcome::measured;
    std::string digest;
    RunTimings timings;
    std::int64_t saved_draws = 0, draws = 0; ///< of a run that was stopped
};

/// Collective in the team.
/// @throws comm::GroupError with the reason on every rank: the run failed, others can go on
AuditedRun audit_run(const jobs::RunSpec& spec, const AuditOptions& options, Workbench& workbench,
                     const comm::Communicator& team, const Heartbeat& beat);

} // namespace fa::harness
