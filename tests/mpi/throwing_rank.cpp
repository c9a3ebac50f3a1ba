/// One rank throws where the others wait in a collective call: the whole job must end, and not with 0. Run by
/// ThrowingRankEndsTheJob (tests/mpi/CMakeLists.txt).
#include "harness/comm/session.hpp"

#include <exception>
#include <stdexcept>

using namespace fa::harness;

int main()
{
    std::set_terminate([] {
        try {
            std::rethrow_exception(std::current_exception());
        } catch (const std::exception& error) {
            comm::abort_job(error.what());
        }
    });
    const comm::Session session;
    if (session.world().rank() == session.world().size() - 1)
        throw std::runtime_error("this rank leaves the others alone");
    session.world().barrier();
    return 0;
}
