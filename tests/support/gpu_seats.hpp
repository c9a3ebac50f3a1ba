#pragma once
/// GPUs and seats that tests make up.

#include "harness/seats.hpp"

#include <string>
#include <vector>

namespace fa::harness {

inline diagnostics::Gpu gpu(int index, const std::string& uuid, const std::string& bus = "")
{
    return {.index = index,
            .name = "NVIDIA H100",
            .uuid = uuid,
            .bus = bus,
            .major = 9,
            .minor = 0,
            .memory = 80ULL << 30,
            .multiprocessors = 132};
}

inline diagnostics::Gpu old_gpu(int index)
{
    return {.index = index, .name = "Tesla V100", .uuid = "GPU-old", .major = 7, .minor = 0};
}

inline UsableGpus usable(const std::vector<diagnostics::Gpu>& gpus)
{
    return {.gpus = gpus, .unusable = 0, .why_no_gpu = ""};
}

inline Seat without_gpu(const std::string& host)
{
    return seat_of(host, 0, {.gpus = {}, .unusable = 0, .why_no_gpu = "there is no NVIDIA driver"});
}

/// Of ranks that see both of a machine's GPUs.
inline std::vector<Seat> seats_on(const std::string& host, int ranks)
{
    const auto both = usable({gpu(0, "GPU-a of " + host, "0:1B:0"), gpu(1, "GPU-b of " + host, "0:43:0")});
    std::vector<Seat> seats;
    for (int rank = 0; rank < ranks; ++rank)
        seats.push_back(seat_of(host, rank, both));
    return seats;
}

/// What this build would have where kernels are for 8.0 and, as PTX too, for 9.0.
inline std::vector<diagnostics::Kernels> kernels_for_ampere_and_newer()
{
    return {{"this build", diagnostics::images_of("sm_80 sm_90 compute_90"), "build again"}};
}

} // namespace fa::harness
