#pragma once
/// Signals that end a job: in order where there is time, else without blaming the run in hand.

#include <filesystem>

namespace fa::harness {

/// From here on SIGUSR1 and SIGTERM only raise a flag: what is in hand is finished or saved, then the job
/// ends with 75. (Under mpirun SIGTERM leaves one second before the kill, whatever a rank does.) SIGINT and
/// SIGHUP end the process as ever. Whichever comes, the attempt in hand is taken back: the run isn't to blame
/// for the end.
void watch_for_stop_signals();
bool stop_requested();

/// The attempt record that a signal takes back (store/attempt_record.hpp); an empty path: none.
void set_attempt_in_hand(const std::filesystem::path& record);
/// Removes it, if there is one in hand.
void take_back_attempt();

} // namespace fa::harness
