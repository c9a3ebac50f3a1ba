#include "harness/signals.hpp"

#include <csignal>

namespace fa::harness {
namespace {
volatile std::sig_atomic_t stop_flag = 0;
void raise_flag(int)
{
    stop_flag = 1;
}
} // namespace

void watch_for_stop_signals()
{
    struct sigaction action = {};
    action.sa_handler = raise_flag;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested()
{
    return stop_flag != 0;
}

} // namespace fa::harness
