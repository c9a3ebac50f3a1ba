#include "harness/comm/session.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/comm/mpi_backend.hpp"

#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

namespace fa::harness::comm {
namespace {

/// Open MPI 4.1's aggregating collective I/O reports success on a full disk, and `vulcan` corrupts data with
/// two aggregators (open-mpi/ompi#12718): `individual` writes the same bytes and reports errors. In the
/// program, so that no launcher forgets it.
void pin_collective_io()
{
    setenv("OMPI_MCA_io", "ompio", 1);
    setenv("OMPI_MCA_fcoll", "individual", 1);
    // It tries out locks beside each file that is opened; a kill at that moment would leave them there.
    setenv("OMPI_MCA_sharedfp", "^lockedfile", 1);
    setenv("OMPI_MCA_fbtl_posix_write_datasieving", "false", 1);
    setenv("OMPI_MCA_fbtl_posix_read_datasieving", "false", 1);
}

/// The first of these environment variables that is set, as a number.
int number_from(std::initializer_list<const char*> names, int otherwise)
{
    for (const char* name : names)
        if (const char* text = std::getenv(name))
            return std::atoi(text);
    return otherwise;
}

/// Between ranks of one machine messages go through shared memory whatever is chosen; Open MPI's layers for
/// networks take 0.2 s each start to find that there is none for them. What the user chose stays.
void skip_networks_on_one_machine()
{
    const int ranks = number_from({"OMPI_COMM_WORLD_SIZE"}, 0);
    if (ranks > 0 && ranks == number_from({"OMPI_COMM_WORLD_LOCAL_SIZE"}, 0))
        setenv("OMPI_MCA_pml", "ob1", 0);
}

bool initialised()
{
    int flag = 0;
    MPI_Initialized(&flag);
    return flag != 0;
}

} // namespace

bool under_a_launcher()
{
    if (std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("PMIX_RANK"))
        return true;
    const char* tasks = std::getenv("SLURM_STEP_NUM_TASKS");
    if (tasks && std::atoi(tasks) > 1)
        throw std::runtime_error("srun started " + std::string(tasks) +
                                 " tasks without PMIx, so each would audit everything by itself: use "
                                 "`srun --mpi=pmix`, or mpirun");
    return false;
}

int launcher_rank()
{
    return number_from({"OMPI_COMM_WORLD_RANK", "PMIX_RANK"}, 0);
}
int launcher_size()
{
    return number_from({"OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}, 1);
}

Session::Session()
{
    if (!under_a_launcher())
        return;
    pin_collective_io();
    skip_networks_on_one_machine();
    int provided = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        throw std::runtime_error("MPI_Init failed");
    mpi_ = true;
    world_ = Communicator(make_mpi_backend(MPI_COMM_WORLD));
}

Session::~Session()
{
    world_ = Communicator();
    if (mpi_)
        MPI_Finalize();
}

void abort_job(const std::string& message) noexcept
{
    std::fprintf(stderr, "fa-harness: %s\n", message.c_str());
    std::fflush(stderr);
    int finalised = 0;
    MPI_Finalized(&finalised);
    if (initialised() && !finalised)
        MPI_Abort(MPI_COMM_WORLD, 1);
    std::_Exit(1);
}

void abort_job_for_current_exception() noexcept
{
    try {
        if (const auto error = std::current_exception())
            std::rethrow_exception(error);
    } catch (const std::exception& known) {
        abort_job(reason(known));
    } catch (...) {
        abort_job("an exception of an unknown type");
    }
    abort_job("std::terminate was called");
}

std::string mpi_version()
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(text, &length);
    const std::string version(text, static_cast<std::size_t>(length));
    return version.substr(0, version.find(','));
}

} // namespace fa::harness::comm
