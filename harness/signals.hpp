#pragma once
/// Signals that end a job: in order where there is time, else without blaming the run in hand.

#include <filesystem>

namespace fa::harness {

/// From here on SIGUSR1 and SIGTERM only raise a flag: what is in hand is finished or saved, then the job
/// ends with 75. (Under mpirun SIGTERM leaves one second before the kill, whatever a rank does.) SIGINT and
/// SIGHUP end the process as ever. Whichever comes, the attempt in hand is marked: the run isn't to blame for
/// the end.
void watch_for_stop_signals();
bool stop_requested();

/// The record of the attempt in hand (store/attempt_record.hpp); an empty path: none.
void set_attempt_in_hand(const std::filesystem::path& record);
/// This process was told to stop, by a signal or by another rank: marks the record, once.
void mark_attempt_in_hand();

} // namespace fa::harness
