#pragma once

namespace fa::harness {

/// From here on SIGUSR1 and SIGTERM only raise a flag: the run in hand is finished, then the job ends
/// with 75. (Under mpirun SIGTERM leaves one second before the kill, whatever a rank does.)
void watch_for_stop_signals();
bool stop_requested();

} // namespace fa::harness
