#include "harness/rank_device.hpp"

#include "harness/machine_kind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <unistd.h>
#include <vector>

namespace fa::harness {
namespace {

template <std::size_t Size>
void copy_text(char (&to)[Size], const std::string& text)
{
    text.copy(to, Size - 1);
}

std::string host_name()
{
    char name[64] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

std::string name_of(int index, const std::string& model)
{
    return fmt::format("GPU {} ({})", index, model);
}

/// "rank 3 (host n2)"
std::string shown(std::size_t rank, const Seat& seat)
{
    return fmt::format("rank {} on host {}", rank, seat.host);
}

/// The first seat with or without a GPU; one past the last where there is none.
std::size_t first(std::span<const Seat> seats, bool with_gpu)
{
    const auto found =
        std::ranges::find_if(seats, [&](const Seat& seat) { return (seat.gpus > 0) == with_gpu; });
    return static_cast<std::size_t>(found - seats.begin());
}

/// Ranks by their GPU, in the order of the lowest rank of each.
std::vector<std::vector<std::size_t>> ranks_by_gpu(std::span<const Seat> seats)
{
    std::map<std::string, std::size_t> places;
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t rank = 0; rank < seats.size(); ++rank) {
        const auto [place, is_new] = places.try_emplace(seats[rank].uuid, groups.size());
        if (is_new)
            groups.emplace_back();
        groups[place->second].push_back(rank);
    }
    return groups;
}

RankDevice gpu_device(const diagnostics::Gpu& gpu, const std::string& host)
{
    return {.device = at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(gpu.index)),
            .host = host,
            .name = name_of(gpu.index, gpu.name),
            .kind = fmt::format("{} (sm_{}{}, {} multiprocessors), {}", gpu.name, gpu.major, gpu.minor,
                                gpu.multiprocessors, diagnostics::gpu_libraries()),
            .memory = gpu.memory};
}

} // namespace

std::optional<diagnostics::Gpu> gpu_of(int local_rank, std::span<const diagnostics::Gpu> visible)
{
    if (visible.empty())
        return std::nullopt;
    return visible[static_cast<std::size_t>(local_rank) % visible.size()];
}

Seat seat_of(const std::string& host, int local_rank, std::span<const diagnostics::Gpu> visible,
             const std::string& why_no_gpu)
{
    Seat seat;
    copy_text(seat.host, host);
    seat.local_rank = local_rank;
    seat.gpus = static_cast<int>(visible.size());
    if (const auto gpu = gpu_of(local_rank, visible)) {
        seat.gpu = gpu->index;
        copy_text(seat.model, gpu->name);
        copy_text(seat.uuid, gpu->uuid);
    }
    copy_text(seat.reason, why_no_gpu);
    return seat;
}

bool on_gpus(DeviceChoice choice, std::span<const Seat> seats)
{
    const auto without = first(seats, false);
    if (choice == DeviceChoice::cpu || seats.empty())
        return false;
    if (without == seats.size())
        return true;
    if (choice == DeviceChoice::cuda)
        throw UsageError(fmt::format("--device cuda: {} has no GPU: {}; --device cpu audits without",
                                     shown(without, seats[without]), seats[without].reason));
    const auto with = first(seats, true);
    if (with == seats.size())
        return false;
    throw MixedMachines(fmt::format(
        "some ranks have a GPU and others have none, and their bits differ: {} has {}, {} has none ({}); ask "
        "for nodes of one kind, or give --device cpu",
        shown(with, seats[with]), name_of(seats[with].gpu, seats[with].model), shown(without, seats[without]),
        seats[without].reason));
}

std::string shared_gpus(std::span<const Seat> seats)
{
    const auto groups = ranks_by_gpu(seats);
    const auto most = std::ranges::max_element(groups, {}, &std::vector<std::size_t>::size);
    if (most == groups.end() || most->size() == 1)
        return "";
    const auto& seat = seats[most->front()];
    const auto others = std::ranges::count_if(groups, [](const auto& ranks) { return ranks.size() > 1; }) - 1;
    const std::string more = others == 0 ? "" : fmt::format(" (and so on for {} more)", others);
    return fmt::format(
        "ranks {} share {} of host {}{}: {} ranks compute on {} GPU{}; one rank on each ({} in "
        "all) would be right: ranks that share one divide its memory, and in one team exchange without NCCL",
        fmt::join(*most, ", "), name_of(seat.gpu, seat.model), seat.host, more, seats.size(), groups.size(),
        groups.size() == 1 ? "" : "s", groups.size());
}

RankDevice choose_device(DeviceChoice choice, const comm::Communicator& world)
{
    const auto host = host_name();
    const RankDevice cpu{.device = at::kCPU, .host = host, .name = "CPU", .kind = "", .memory = 0};
    if (choice == DeviceChoice::cpu)
        return cpu;
    const auto visible = diagnostics::gpus();
    const auto local_rank = world.place_on_this_machine().rank;
    const auto seats = world.all_gather(
        seat_of(host, local_rank, visible, visible.empty() ? diagnostics::why_no_gpu() : ""));
    if (!on_gpus(choice, seats))
        return cpu;
    if (const auto shared = shared_gpus(seats); world.leads() && !shared.empty())
        fmt::print(stderr, "fa-harness: {}\n", shared);
    return gpu_device(*gpu_of(local_rank, visible), host);
}

} // namespace fa::harness
