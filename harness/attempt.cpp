#include "harness/attempt.hpp"

#include "harness/signals.hpp"

#include <fmt/format.h>

namespace fa::harness {

std::int64_t jobs_ended_by(const store::Layout& layout, const std::string& name)
{
    const auto attempt = store::read_attempt(layout, name);
    if (!attempt)
        return 0;
    // Where a process has died, its launcher tells the others to stop before it kills them: such a job
    // lives for a moment, and has ended all the same.
    const bool goes_on = attempt->told_to_stop == 0 && store::is_in_hand(*attempt);
    const bool ended_a_job = attempt->told_to_stop < attempt->ranks && !goes_on;
    const std::int64_t last = ended_a_job ? 1 : 0;
    const bool got_on = store::count_segments(layout, name) > attempt->saved;
    return got_on ? last : attempt->begun - 1 + last;
}

std::string given_up()
{
    return fmt::format("the job ended {} times with this run in hand, killed by a signal or for its memory, "
                       "without a segment saved between; --retry tries it again",
                       ended_jobs_allowed);
}

Attempt::Attempt(const store::Layout& layout, std::string name, const comm::Communicator& team, bool forgive)
    : layout_(layout), name_(std::move(name)), leads_(team.leads())
{
    if (leads_) {
        before_.begun = forgive ? 0 : jobs_ended_by(layout_, name_);
        before_.saved = store::count_segments(layout_, name_);
        store::record_attempt(
            layout_, name_,
            store::attempt_of_this_process(
                {.begun = before_.begun + 1, .saved = before_.saved, .ranks = team.size()}));
    }
    set_attempt_in_hand(layout_.attempt(name_));
}

void Attempt::over()
{
    set_attempt_in_hand({});
    if (leads_)
        store::clear_attempt(layout_, name_);
}

void Attempt::take_back()
{
    over();
    if (leads_ && before_.begun > 0 && store::count_segments(layout_, name_) <= before_.saved)
        store::record_attempt(layout_, name_, before_);
}

} // namespace fa::harness
