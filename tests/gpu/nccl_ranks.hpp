#pragma once
/// What a rank of an NCCL communicator should see, without MPI.

#include "harness/cuda/nccl_communicator.hpp"
#include "tests/gpu/gpu_test.hpp"

#include <ATen/ATen.h>

#include <mutex>

namespace fa::gpu_test {

/// [n] bytes of a rank, unlike any other's.
inline at::Tensor bytes_of_rank(int rank, std::int64_t bytes, at::Device device)
{
    return (at::arange(bytes, at::TensorOptions(at::kLong)) * 7 + 31 * rank + 1)
        .remainder(256)
        .to(at::kByte)
        .to(device);
}

/// `check` for ranks that are threads of one process.
inline void check_of_rank(bool holds, const char* what)
{
    static std::mutex one_at_a_time;
    const std::scoped_lock lock(one_at_a_time);
    check(holds, what);
}

/// All calls that a rank makes.
inline void check_calls(const harness::NcclCommunicator& communicator, int rank, int ranks, at::Device device)
{
    for (const std::int64_t bytes : {1, 1000, 1 << 20}) {
        at::Tensor expected = at::empty({ranks, bytes}, at::kByte);
        for (int other = 0; other < ranks; ++other)
            expected.select(0, other).copy_(bytes_of_rank(other, bytes, at::kCPU));

        auto all = at::zeros({ranks, bytes}, at::TensorOptions(at::kByte).device(device));
        communicator.all_gather(bytes_of_rank(rank, bytes, device), all);
        check_of_rank(at::equal(all.cpu(), expected), "a gathering has every rank's bytes, in rank order");

        auto in_place = at::zeros_like(all);
        in_place.select(0, rank).copy_(bytes_of_rank(rank, bytes, device));
        communicator.all_gather(in_place.select(0, rank), in_place);
        check_of_rank(at::equal(in_place.cpu(), expected),
                      "so it has where each rank's bytes lie in their place");
    }
    const std::int64_t big = (std::int64_t{1} << 57) + 1; // a double would lose the 1, 32 ranks still fit
    auto counts = at::tensor({big, std::int64_t{rank}}, at::kLong).to(device);
    communicator.sum(counts);
    const std::int64_t sum_of_ranks = std::int64_t{ranks} * (ranks - 1) / 2;
    check_of_rank(at::equal(counts.cpu(), at::tensor({big * ranks, sum_of_ranks}, at::kLong)),
                  "counts are summed exactly");
}

} // namespace fa::gpu_test
