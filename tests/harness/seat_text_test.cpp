#include "harness/seat_text.hpp"

#include "tests/support/gpu_seats.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fa::harness {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A rank to which its launcher shows one GPU, or one part of one.
Seat seat_with(const std::string& host, const diagnostics::Gpu& only)
{
    return seat_of(host, 0, usable({only}));
}

Seat with_old_gpu(const std::vector<diagnostics::Gpu>& others)
{
    auto seen = others;
    seen.push_back(old_gpu(static_cast<int>(others.size())));
    return seat_of("n1", 0, usable_gpus(seen, kernels_for_ampere_and_newer(), ""));
}

TEST(SeatText, NothingIsSaidWhereEveryRankHasAGpuOfItsOwn)
{
    const std::vector<std::vector<Seat>> jobs = {
        seats_on("n1", 2),
        // A launcher may show each rank one GPU alone: all have the index 0.
        {seat_with("n1", gpu(0, "GPU-a", "0:1B:0")), seat_with("n1", gpu(0, "GPU-b", "0:43:0"))},
        // Machines of one kind have their GPUs in the same places.
        {seat_with("n1", gpu(0, "GPU-a", "0:1B:0")), seat_with("n2", gpu(0, "GPU-b", "0:1B:0"))},
    };
    for (const auto& seats : jobs) {
        EXPECT_EQ(unusable_gpus(seats, true), "");
        EXPECT_EQ(shared_gpus(seats), "");
        EXPECT_EQ(divided_gpus(seats), "");
    }
}

TEST(SeatText, SharedGpusAreToldWithNumbersAndWhatWouldBeRight)
{
    EXPECT_THAT(shared_gpus(seats_on("n1", 3)),
                AllOf(HasSubstr("ranks 0, 2 share GPU 0 (NVIDIA H100) of host n1"),
                      HasSubstr("3 ranks compute on 2 GPUs"), HasSubstr("(2 in all)"),
                      Not(HasSubstr("more"))));
    EXPECT_THAT(shared_gpus(seats_on("n1", 4)), HasSubstr("(and so on for 1 more)"));
    const auto one = seat_with("n1", gpu(0, "GPU-a"));
    EXPECT_THAT(shared_gpus(std::vector{one, one}), HasSubstr("2 ranks compute on 1 GPU;"));
    EXPECT_EQ(divided_gpus(seats_on("n1", 4)), "");
}

TEST(SeatText, PartsOfAGpuAreToldAsWhatTheyAre)
{
    std::vector<Seat> seats = {seat_with("n1", gpu(0, "GPU-part 1", "0:1B:0")),
                               seat_with("n1", gpu(0, "GPU-b", "0:43:0")),
                               seat_with("n1", gpu(0, "GPU-part 2", "0:1B:0"))};
    EXPECT_EQ(divided_gpus(seats),
              "ranks 0, 2 compute on parts (MIG) of one GPU, NVIDIA H100 of host n1 at 0:1B:0: NCCL doesn't "
              "connect parts of a GPU, so that a team with several of them exchanges over MPI");
    EXPECT_EQ(shared_gpus(seats), "");
    seats.push_back(seat_with("n1", gpu(0, "GPU-b's part", "0:43:0")));
    EXPECT_THAT(divided_gpus(seats), HasSubstr("ranks 0, 2 compute"));
    EXPECT_THAT(divided_gpus(seats), HasSubstr("at 0:1B:0 (and so on for 1 more): NCCL"));
}

TEST(SeatText, AGpuThatKernelsDontRunOnIsToldOfOnce)
{
    const auto old = with_old_gpu({});
    EXPECT_EQ(
        unusable_gpus(std::vector{old}, false),
        "rank 0 on host n1 can't compute on a GPU that it sees, and all compute on CPUs: GPU 0 (Tesla "
        "V100) is of compute capability 7.0, and this build has kernels for 8.0, 9.0, PTX of 9.0: build "
        "again");
    EXPECT_THAT(
        unusable_gpus(std::vector{without_gpu("n2"), old, old}, false),
        HasSubstr("rank 1 on host n1 can't compute on a GPU that it sees (and so on for 1 more), and"));
    EXPECT_THAT(unusable_gpus(std::vector{with_old_gpu({gpu(0, "GPU-a")})}, true),
                AllOf(HasSubstr("and leaves it alone: GPU 1 (Tesla V100) is of"), Not(HasSubstr("CPU"))));
    EXPECT_EQ(unusable_gpus(std::vector{without_gpu("n1")}, false), "");
}

TEST(SeatText, ThePlanNamesEachRanksGpu)
{
    EXPECT_EQ(devices_text(seats_on("n1", 3), true), "  device  NVIDIA H100\n"
                                                     "          n1: ranks 0, 2 on GPU 0 at 0:1B:0; rank 1 on "
                                                     "GPU 1 at 0:43:0\n");
    const std::vector<Seat> apart = {seat_with("n1", gpu(0, "GPU-a")), seat_with("n2", gpu(0, "GPU-b"))};
    EXPECT_EQ(devices_text(apart, true), "  device  NVIDIA H100\n"
                                         "          n1: rank 0 on GPU 0\n"
                                         "          n2: rank 1 on GPU 0\n");
}

TEST(SeatText, ThePlanOfManyHostsIsShort)
{
    std::vector<Seat> seats;
    for (int host = 0; host < 100; ++host)
        for (const auto& seat : seats_on(std::to_string(host) + ".cluster", 2))
            seats.push_back(seat);
    const auto text = devices_text(seats, true);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 8);
    EXPECT_THAT(text, HasSubstr("2.cluster: rank 4 on GPU 0 at 0:1B:0; rank 5 on GPU 1 at 0:43:0\n"
                                "          … 94 hosts\n"
                                "          97.cluster: rank 194 on GPU 0"));
    EXPECT_THAT(text, HasSubstr("99.cluster: rank 198"));
}

TEST(SeatText, ThePlanSaysWhyRanksComputeOnTheCpu)
{
    EXPECT_EQ(devices_text(std::vector{without_gpu("n1"), without_gpu("n2")}, false),
              "  device  CPU: rank 0 on host n1 has no GPU to compute on: there is no NVIDIA driver\n");
    EXPECT_EQ(devices_text({}, false), "");
}

} // namespace
} // namespace fa::harness
