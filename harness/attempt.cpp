#include "harness/attempt.hpp"

#include "harness/signals.hpp"

#include <fmt/format.h>

namespace fa::harness {

std::int64_t jobs_ended_by(const store::Layout& layout, const std::string& name)
{
    const auto attempt = store::read_attempt(layout, name);
    if (!attempt)
        return 0;
    return store::count_segments(layout, name) > attempt->saved ? 1 : attempt->begun;
}

std::string given_up()
{
    return fmt::format("the job ended {} times with this run in hand, killed by a signal or for its memory, "
                       "without a segment saved between; --retry tries it again",
                       ended_jobs_allowed);
}

Attempt::Attempt(const store::Layout& layout, std::string name, bool forgive)
    : layout_(layout), name_(std::move(name)), ended_(forgive ? 0 : jobs_ended_by(layout, name_))
{
    store::record_attempt(layout_, name_, {ended_ + 1, store::count_segments(layout_, name_)});
    set_attempt_in_hand(layout_.attempt(name_));
}

void Attempt::over()
{
    set_attempt_in_hand({});
    store::clear_attempt(layout_, name_);
}

void Attempt::take_back()
{
    over();
    if (ended_ > 0)
        store::record_attempt(layout_, name_, {ended_, store::count_segments(layout_, name_)});
}

} // namespace fa::harness
