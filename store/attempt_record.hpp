#pragma once
/// DIR/runs/<name>.attempt: the run is in hand, or was when a job died. Made when a run is begun, removed
/// when it ends in any orderly way: what is left tells which runs end jobs.

#include "store/layout.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace fa::store {

struct AttemptRecord {
    std::int64_t begun = 1; ///< how often, this time counted, since it last ended in order or got on
    std::int64_t saved = 0; ///< files among the run's segments when it was begun this time
    std::int64_t ranks = 1; ///< processes that have it in hand
    /// How many of these were told to stop: each appends a mark, which a signal handler may do. A process
    /// that died of the run itself doesn't, though the launcher then tells all others.
    std::int64_t told_to_stop = 0;
    std::string host{};   ///< where the process that leads the run's team is, or was; empty: not known
    std::int64_t pid = 0; ///< of that process
    bool operator==(const AttemptRecord&) const = default;
};

/// The byte that a process appends to the record when it is told to stop.
inline constexpr char stop_mark = '-';

/// Does the run's leader still live, on this machine? Of other machines nothing is known.
bool is_in_hand(const AttemptRecord& attempt);
/// The attempt of this process.
AttemptRecord attempt_of_this_process(AttemptRecord attempt);

/// Not made durable: a power cut is nobody's fault, and a thousand runs must not wait for the disk. What
/// can't be written isn't: the run itself will say why.
void record_attempt(const Layout& layout, const std::string& name, const AttemptRecord& attempt) noexcept;
/// @returns nothing if there is none; one that can't be understood (its writer was killed) counts as begun
/// once
std::optional<AttemptRecord> read_attempt(const Layout& layout, const std::string& name);
void clear_attempt(const Layout& layout, const std::string& name) noexcept;

/// Files among a run's segments, now.
std::int64_t count_segments(const Layout& layout, const std::string& name);

} // namespace fa::store
