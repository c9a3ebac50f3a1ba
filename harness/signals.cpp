#include "harness/signals.hpp"

#include "store/attempt_record.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace fa::harness {
namespace {

volatile std::sig_atomic_t stop_flag = 0;
volatile std::sig_atomic_t attempt_in_hand = 0;
std::array<char, 4096> attempt_record{}; ///< its path, which a handler can't ask memory for

/// Calls nothing but what a handler may call.
void mark_attempt()
{
    if (attempt_in_hand == 0)
        return;
    attempt_in_hand = 0;
    const int error = errno;
    const int file = open(attempt_record.data(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file >= 0) {
        [[maybe_unused]] const auto written = write(file, &store::stop_mark, 1);
        close(file);
    }
    errno = error;
}

void stop_in_order(int)
{
    stop_flag = 1;
    mark_attempt();
}

void end_at_once(int signal)
{
    mark_attempt();
    std::signal(signal, SIG_DFL);
    std::raise(signal); // delivered when this handler returns
}

void handle(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    if (handler == end_at_once && sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
        return; // nohup, or a shell's background job
    action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

} // namespace

void watch_for_stop_signals()
{
    handle(SIGUSR1, stop_in_order);
    handle(SIGTERM, stop_in_order);
    handle(SIGINT, end_at_once);
    handle(SIGHUP, end_at_once);
}

bool stop_requested()
{
    return stop_flag != 0;
}

void set_attempt_in_hand(const std::filesystem::path& record)
{
    attempt_in_hand = 0;
    const auto& path = record.native();
    if (path.empty() || path.size() >= attempt_record.size())
        return;
    attempt_record[path.copy(attempt_record.data(), attempt_record.size() - 1)] = '\0';
    attempt_in_hand = 1;
}

void mark_attempt_in_hand()
{
    mark_attempt();
}

} // namespace fa::harness
