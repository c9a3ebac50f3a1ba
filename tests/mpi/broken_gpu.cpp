/// The last rank's step fails as a broken GPU's does: that is no failed run, which the others would survive,
/// but the end of the job, told with all that is known. Run by BrokenGpuEndsTheJob
/// (tests/mpi/CMakeLists.txt).
#include "diagnostics/gpu_error.hpp"
#include "harness/comm/agreement.hpp"
#include "harness/comm/session.hpp"
#include "harness/device_errors.hpp"

#include <cstdio>
#include <string_view>

using namespace fa::harness;

int main(int, char** arguments)
{
    const comm::Session session;
    const auto rank = session.world().rank();
    DeviceErrors errors(
        rank, {.device = at::kCPU, .host = "n1", .name = "GPU 0 (NVIDIA H100)", .kind = "", .memory = 0});
    errors.in_hand("dfa-s42");
    const auto team =
        session.world().watched_by([&](const std::exception& error) { errors.end_job_at(error); }).split(0);
    const bool last = rank + 1 == session.world().size();
    const bool breaks = std::string_view(arguments[1]) == "breaks";
    try {
        comm::together(team, [&] {
            if (last && breaks)
                throw fa::diagnostics::GpuError("cudaStreamSynchronize: an illegal memory access");
            if (last)
                throw std::runtime_error("a bad checkpoint");
        });
    } catch (const comm::GroupError& error) {
        if (rank == 0)
            std::printf("the run failed: %s\n", error.what());
        return 0;
    }
    return 0;
}
