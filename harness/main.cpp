/// fa-harness: audits the checkpoints of a manifest, alone or with any number of ranks.
#include "diagnostics/gpu_gamma.hpp"
#include "harness/comm/session.hpp"
#include "harness/device_errors.hpp"
#include "harness/job.hpp"
#include "harness/machine_kind.hpp"
#include "harness/numerics.hpp"
#include "harness/options.hpp"
#include "harness/rank_device.hpp"
#include "harness/seat_text.hpp"
#include "harness/signals.hpp"
#include "jobs/manifest.hpp"
#include "store/hdf5.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

using namespace fa::harness;

/// Every rank fails alike: one of them says so, and returns the code.
int complain(const char* message, int code)
{
    if (comm::launcher_rank() != 0)
        return exit_code::ok;
    std::fprintf(stderr, "fa-harness: %s\n", message);
    return code;
}

/// A device that can't be had (another process has it, or its memory, for itself, say) ends the job, by its
/// name.
void take_device(int threads, const RankDevice& device, int rank)
{
    try {
        fix_numerics(threads, device.device);
        if (device.device.is_cuda())
            fa::diagnostics::load_gpu_kernels(device.device.index());
    } catch (const std::exception& error) {
        comm::abort_job(DeviceErrors(rank, device).told(error));
    }
}

/// Where the ranks compute, once they know that their bits are the same there. Collective in the world.
/// @throws UsageError, MixedMachines on every rank
Seating agreed_devices(const AuditOptions& options, const comm::Communicator& world)
{
    auto seating = choose_devices(options.device, world);
    agree_on_machine_kind(world, options.lowest_capability ? Mixture::lowest_capability : Mixture::refuse,
                          seating.mine.kind);
    return seating;
}

/// For --dry-run. Of ranks that are there it takes MPI to know, so that nobody is asked where the answer is
/// the CPU in any case; of others (--ranks) nothing is known.
std::string planned_devices(const AuditOptions& options)
{
    const bool cpu = options.device == DeviceChoice::cpu ||
                     (options.device == DeviceChoice::automatic && fa::diagnostics::gpu_libraries().empty());
    if (cpu || options.planned_ranks)
        return "";
    const comm::Session session;
    const auto seating = agreed_devices(options, session.world());
    return devices_text(seating.seats, seating.on_gpus);
}

int run(const AuditOptions& options)
{
    if (options.dry_run) {
        const auto devices = planned_devices(options);
        return comm::launcher_rank() == 0 ? dry_run(options, devices) : exit_code::ok;
    }
    watch_for_stop_signals();
    const comm::Session session;
    try {
        const auto device = agreed_devices(options, session.world()).mine;
        take_device(options.threads, device, session.world().rank());
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
