#include "harness/rank_device.hpp"

#include "harness/accelerator_versions.hpp"
#include "harness/seat_text.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <unistd.h>

namespace fa::harness {
namespace {

std::string host_name()
{
    char name[64] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

UsableGpus gpus_of_this_rank()
{
    const auto seen = diagnostics::gpus();
    if (seen.empty())
        return usable_gpus(seen, {}, diagnostics::why_no_gpu());
    return usable_gpus(seen, kernels_in_use(), "");
}

RankDevice gpu_device(const diagnostics::Gpu& gpu, const std::string& host)
{
    return {.device = at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(gpu.index)),
            .host = host,
            .name = gpu_name(gpu.index, gpu.name),
            .kind = fmt::format("{} (sm_{}{}, {} multiprocessors), {}", gpu.name, gpu.major, gpu.minor,
                                gpu.multiprocessors, diagnostics::gpu_libraries()),
            .memory = gpu.memory};
}

void tell(const std::string& sentence)
{
    if (!sentence.empty())
        fmt::print(stderr, "fa-harness: {}\n", sentence);
}

} // namespace

Seating choose_devices(DeviceChoice choice, const comm::Communicator& world)
{
    const auto host = host_name();
    Seating seating;
    seating.mine = {.device = at::kCPU, .host = host, .name = "CPU", .kind = "", .memory = 0};
    if (choice == DeviceChoice::cpu)
        return seating;
    const auto usable = gpus_of_this_rank();
    const auto local_rank = world.place_on_this_machine().rank;
    seating.seats = world.all_gather(seat_of(host, local_rank, usable));
    seating.on_gpus = on_gpus(choice, seating.seats);
    if (world.leads())
        tell(unusable_gpus(seating.seats, seating.on_gpus));
    if (!seating.on_gpus)
        return seating;
    if (world.leads()) {
        tell(shared_gpus(seating.seats));
        tell(divided_gpus(seating.seats));
    }
    seating.mine = gpu_device(*gpu_of(local_rank, usable.gpus), host);
    return seating;
}

} // namespace fa::harness
