/// fa-harness: audits the checkpoints of a manifest, alone or with any number of ranks.
#include "harness/comm/session.hpp"
#include "harness/device_errors.hpp"
#include "harness/job.hpp"
#include "harness/machine_kind.hpp"
#include "harness/numerics.hpp"
#include "harness/options.hpp"
#include "harness/rank_device.hpp"
#include "harness/signals.hpp"
#include "jobs/manifest.hpp"
#include "store/hdf5.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

using namespace fa::harness;

/// Every rank fails alike before MPI is initialised: one of them says so, and returns the code.
int complain(const char* message, int code)
{
    if (comm::launcher_rank() != 0)
        return exit_code::ok;
    std::fprintf(stderr, "fa-harness: %s\n", message);
    return code;
}

/// A device that can't be had (another process has it for itself, say) ends the job, by its name.
void fix_numerics(int threads, const RankDevice& device, int rank)
{
    try {
        fa::harness::fix_numerics(threads, device.device);
    } catch (const std::exception& error) {
        comm::abort_job(DeviceErrors(rank, device).told(error));
    }
}

int run(const AuditOptions& options)
{
    if (options.dry_run)
        return comm::launcher_rank() == 0 ? dry_run(options) : exit_code::ok;
    watch_for_stop_signals();
    const comm::Session session;
    try {
        const auto device = choose_device(options.device, session.world());
        agree_on_machine_kind(session.world(),
                              options.lowest_capability ? Mixture::lowest_capability : Mixture::refuse,
                              device.kind);
        fix_numerics(options.threads, device, session.world().rank());
        return run_job(options, session.world(), device);
    } catch (const MixedMachines& error) {
        return complain(error.what(), exit_code::failure);
    } catch (const UsageError& error) { // all ranks throw it alike
        return complain(error.what(), exit_code::usage);
    } catch (...) {
        // Other ranks may be waiting in a collective call.
        comm::abort_job_for_current_exception();
    }
}

} // namespace

int main(int argc, char** argv)
{
    fix_libraries();
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    fa::store::no_cleanup_at_exit();
    std::set_terminate([] { comm::abort_job_for_current_exception(); });
    try {
        const auto command = parse_command_line(argc, argv);
        if (command.audit)
            return run(*command.audit);
        if (comm::launcher_rank() == 0)
            std::fputs(command.text.c_str(), stdout);
        return exit_code::ok;
    } catch (const UsageError& error) {
        return complain(error.what(), exit_code::usage);
    } catch (const fa::jobs::ManifestError& error) {
        return complain(error.what(), exit_code::usage);
    } catch (const std::exception& error) {
        return complain(error.what(), exit_code::failure);
    }
}
