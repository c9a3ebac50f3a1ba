/// One rank throws where the others wait in a collective call: the whole job must end, and not with 0. Run by
/// ThrowingRankEndsTheJob (tests/mpi/CMakeLists.txt).
#include "harness/comm/counter.hpp"
#include "harness/comm/session.hpp"

#include <exception>
#include <stdexcept>

using namespace fa::harness;

int main()
{
    std::set_terminate([] { comm::abort_job_for_current_exception(); });
    const comm::Session session;
    try {
        // Its destructor is collective in MPI: it must not wait while the stack unwinds.
        const comm::SharedCounter counter(session.world(), 1);
        if (session.world().rank() == session.world().size() - 1)
            throw std::runtime_error("this rank leaves the others alone");
        session.world().barrier();
        return 0;
    } catch (...) {
        comm::abort_job_for_current_exception();
    }
}
