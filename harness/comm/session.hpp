#pragma once
/// The MPI session of this process, or its absence (design 9, section 10's traps).

#include "harness/comm/communicator.hpp"

#include <string>

namespace fa::harness::comm {

/// Was this process started by mpirun, or by srun with PMIx?
/// @throws std::runtime_error under an srun without PMIx: each task would believe to be alone
bool under_a_launcher();

/// This process among those that the launcher started, by its environment: known before MPI is initialised,
/// so that help and errors of usage are printed once.
int launcher_rank();
int launcher_size();

/// Holds MPI from construction to destruction; constructed once, in main. Without a launcher MPI is never
/// initialised (it costs 0.35 s), and `world()` has one rank.
class Session {
  public:
    Session();
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const Communicator& world() const { return world_; }

  private:
    bool mpi_ = false;
    Communicator world_;
};

/// Ends the whole job at once, saying why: for what ranks can't agree on any more.
[[noreturn]] void abort_job(const std::string& message) noexcept;

/// The same for an exception, called while it is being handled (inside catch, or from std::terminate), before
/// the stack unwinds: destructors of windows and files are collective, and the other ranks don't come.
[[noreturn]] void abort_job_for_current_exception() noexcept;

/// "Open MPI v4.1.4, …": what the program was linked with.
std::string mpi_version();

} // namespace fa::harness::comm
