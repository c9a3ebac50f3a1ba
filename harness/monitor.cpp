#include "harness/monitor.hpp"

#include "harness/signals.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace fa::harness {
namespace {

enum Slot : int { next_place, work_done, stops, slots };
/// The job's whole work, in the integers that the counter adds.
constexpr double whole = 1e9;

std::string duration(double seconds)
{
    if (seconds < 90)
        return fmt::format("{:.0f} s", std::ceil(seconds));
    if (seconds < 5400)
        return fmt::format("{:.0f} min", std::ceil(seconds / 60));
    return fmt::format("{:.1f} h", seconds / 3600);
}

} // namespace

Monitor::Monitor(const comm::Communicator& world, std::vector<double> shares)
    : world_(world), shares_(std::move(shares)), counter_(world, slots), terminal_(isatty(STDERR_FILENO) != 0)
{
}

Monitor::~Monitor()
{
    if (shown_ && terminal_)
        std::fputc('\n', stderr);
}

std::optional<std::size_t> Monitor::next_run(std::size_t runs)
{
    if (!may_begin())
        return std::nullopt;
    const auto place = counter_.fetch_and_add(next_place, 1);
    return place < runs ? std::optional(static_cast<std::size_t>(place)) : std::nullopt;
}

bool Monitor::may_begin()
{
    tell_of_stop();
    return !stopped_;
}

bool Monitor::stopping() const
{
    return stopped_ || stop_requested();
}

void Monitor::tell_of_stop()
{
    const bool raised = stop_requested() && !told_;
    told_ = told_ || raised;
    stopped_ = counter_.fetch_and_add(stops, raised ? 1 : 0) > 0 || told_;
    if (stopped_)
        mark_attempt_in_hand();
}

Heartbeat Monitor::heartbeat_of(std::size_t place)
{
    return {[this, weight = shares_.at(place)](double share) { beat(share * weight); },
            [this] { return stopping(); }};
}

void Monitor::beat(double share_of_job)
{
    unsent_ += share_of_job;
    counter_.poll();
    const auto now = Clock::now();
    if (now - sent_ < std::chrono::milliseconds(100))
        return;
    sent_ = now;
    counter_.fetch_and_add(work_done, static_cast<std::uint64_t>(std::llround(unsent_ * whole)));
    unsent_ = 0;
    tell_of_stop();
    show();
}

void Monitor::wait_for_all()
{
    beat(0);
    world_.wait_for_all([this] { beat(0); });
}

void Monitor::show()
{
    if (!world_.leads())
        return;
    const auto now = Clock::now();
    if (now - last_shown_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10000)))
        return;
    last_shown_ = now;
    shown_ = true;
    const double done = std::clamp(static_cast<double>(counter_.value(work_done)) / whole, 0.0, 1.0);
    const double elapsed = std::chrono::duration<double>(now - started_).count();
    const auto left =
        done > 0.005 ? "about " + duration(elapsed * (1 - done) / done) + " left" : "estimating";
    if (!terminal_) {
        fmt::print(stderr, "fa-harness: {:3.0f} % done, {}\n", 100 * done, left);
        return;
    }
    constexpr int width = 30;
    const auto filled = static_cast<int>(done * width);
    fmt::print(stderr, "\r[{:=<{}}{: <{}}] {:3.0f} %  {}      ", "", filled, "", width - filled, 100 * done,
               left);
    std::fflush(stderr);
}

} // namespace fa::harness
