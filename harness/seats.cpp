#include "harness/seats.hpp"

#include "harness/machine_kind.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::harness {
namespace {

template <std::size_t Size>
void copy_text(char (&to)[Size], const std::string& text)
{
    text.copy(to, Size - 1);
}

/// The first seat with or without a GPU; one past the last where there is none.
std::size_t first(std::span<const Seat> seats, bool with_gpu)
{
    const auto found =
        std::ranges::find_if(seats, [&](const Seat& seat) { return (seat.gpus > 0) == with_gpu; });
    return static_cast<std::size_t>(found - seats.begin());
}

} // namespace

std::string gpu_name(int index, const std::string& model)
{
    return fmt::format("GPU {} ({})", index, model);
}

std::string shown(std::size_t rank, const Seat& seat)
{
    return fmt::format("rank {} on host {}", rank, seat.host);
}

UsableGpus usable_gpus(std::span<const diagnostics::Gpu> seen, std::span<const diagnostics::Kernels> kernels,
                       const std::string& why_none)
{
    UsableGpus usable;
    if (seen.empty())
        usable.why_no_gpu = why_none;
    for (const auto& gpu : seen) {
        const auto why_not = diagnostics::why_not_on(gpu.major, gpu.minor, kernels);
        if (why_not.empty()) {
            usable.gpus.push_back(gpu);
            continue;
        }
        if (++usable.unusable == 1)
            usable.why_no_gpu = fmt::format("{} is of compute capability {}.{}, and {}",
                                            gpu_name(gpu.index, gpu.name), gpu.major, gpu.minor, why_not);
    }
    return usable;
}

std::optional<diagnostics::Gpu> gpu_of(int local_rank, std::span<const diagnostics::Gpu> usable)
{
    if (usable.empty())
        return std::nullopt;
    return usable[static_cast<std::size_t>(local_rank) % usable.size()];
}

Seat seat_of(const std::string& host, int local_rank, const UsableGpus& usable)
{
    Seat seat;
    copy_text(seat.host, host);
    seat.gpus = static_cast<int>(usable.gpus.size());
    seat.unusable = usable.unusable;
    if (const auto gpu = gpu_of(local_rank, usable.gpus)) {
        seat.gpu = gpu->index;
        copy_text(seat.model, gpu->name);
        copy_text(seat.uuid, gpu->uuid);
        copy_text(seat.bus, gpu->bus);
    }
    copy_text(seat.reason, usable.why_no_gpu);
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
        throw UsageError(
            fmt::format("--device cuda: {} has no GPU to compute on: {}; --device cpu audits without",
                        shown(without, seats[without]), seats[without].reason));
    const auto with = first(seats, true);
    if (with == seats.size())
        return false;
    throw MixedMachines(fmt::format("some ranks have a GPU and others have none to compute on, and their "
                                    "bits differ: {} has {}, {} has none ({}); ask for nodes of one kind, or "
                                    "give --device cpu",
                                    shown(with, seats[with]), gpu_name(seats[with].gpu, seats[with].model),
                                    shown(without, seats[without]), seats[without].reason));
}

} // namespace fa::harness
