#pragma once
/// Errors are agreed on before any collective, so that one rank's never hangs the others (design 8).

#include "harness/comm/communicator.hpp"

#include <exception>
#include <stdexcept>
#include <string>

namespace fa::harness::comm {

/// A step failed on some rank of the group; every rank of the group throws it, with that rank's message.
struct GroupError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What an exception says to a user: LibTorch's without the stack trace that it appends.
std::string reason(const std::exception& error);

/// Agrees on the outcome of a step: an empty message means that it went well here.
/// @throws GroupError on every rank if it didn't on any, with the lowest such rank's message
void agree(const Communicator& group, bool failed, const std::string& message);

/// Runs a step, then agrees on its outcome. A step that can fail makes no collective calls (or, as
/// store::fill_run, only such as it always makes to the end). The group's watch sees an error first.
/// @throws GroupError on every rank
template <typename Step>
void together(const Communicator& group, Step&& step)
{
    bool failed = false;
    std::string message;
    try {
        step();
    } catch (const std::exception& error) {
        group.show_to_watch(error);
        failed = true;
        message = reason(error);
    }
    agree(group, failed, message);
}

} // namespace fa::harness::comm
