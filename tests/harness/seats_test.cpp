#include "harness/seats.hpp"

#include "harness/accelerator_versions.hpp"
#include "harness/machine_kind.hpp"
#include "tests/support/gpu_seats.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace fa::harness {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<diagnostics::Gpu> both = {gpu(0, "GPU-a"), gpu(1, "GPU-b")};

template <typename Error>
std::string message_of(DeviceChoice choice, const std::vector<Seat>& seats)
{
    try {
        on_gpus(choice, seats);
    } catch (const Error& error) {
        return error.what();
    }
    return "no such error";
}

TEST(Seats, ARanksGpuIsThatOfItsLocalRank)
{
    EXPECT_EQ(gpu_of(0, both)->uuid, "GPU-a");
    EXPECT_EQ(gpu_of(1, both)->uuid, "GPU-b");
    EXPECT_EQ(gpu_of(2, both)->uuid, "GPU-a");
    EXPECT_EQ(gpu_of(3, both)->index, 1);
    EXPECT_FALSE(gpu_of(0, {}));
}

TEST(Seats, AreOnGpusWhereEveryRankHasOne)
{
    EXPECT_TRUE(on_gpus(DeviceChoice::automatic, seats_on("n1", 2)));
    EXPECT_TRUE(on_gpus(DeviceChoice::cuda, seats_on("n1", 2)));
    EXPECT_FALSE(on_gpus(DeviceChoice::automatic, std::vector{without_gpu("n1"), without_gpu("n2")}));
}

TEST(Seats, AreOnTheCpuWhereAskedTo)
{
    EXPECT_FALSE(on_gpus(DeviceChoice::cpu, seats_on("n1", 2)));
    EXPECT_FALSE(on_gpus(DeviceChoice::cpu, std::vector{without_gpu("n1")}));
}

TEST(Seats, CudaWhereThereIsNoGpuNamesRankHostAndReason)
{
    auto seats = seats_on("n1", 2);
    seats.push_back(without_gpu("n2"));
    EXPECT_EQ(
        message_of<UsageError>(DeviceChoice::cuda, seats),
        "--device cuda: rank 2 on host n2 has no GPU to compute on: there is no NVIDIA driver; --device "
        "cpu audits without");
}

TEST(Seats, AutoIsRefusedWhereOnlySomeRanksHaveAGpu)
{
    auto seats = seats_on("n1", 2);
    seats.insert(seats.begin(), without_gpu("n2"));
    EXPECT_THAT(message_of<MixedMachines>(DeviceChoice::automatic, seats),
                AllOf(HasSubstr("rank 1 on host n1 has GPU 0 (NVIDIA H100)"),
                      HasSubstr("rank 0 on host n2 has none (there is no NVIDIA driver)"),
                      HasSubstr("--device cpu")));
}

TEST(Seats, AGpuThatKernelsDontRunOnIsNone)
{
    const std::vector<diagnostics::Gpu> seen = {old_gpu(0), gpu(1, "GPU-b"), old_gpu(2)};
    const auto some = usable_gpus(seen, kernels_for_ampere_and_newer(), "");
    ASSERT_EQ(some.gpus.size(), 1U);
    EXPECT_EQ(some.unusable, 2);
    EXPECT_EQ(seat_of("n1", 0, some).gpu, 1);
    EXPECT_EQ(seat_of("n1", 1, some).gpu, 1);

    const auto none = seat_of("n1", 0, usable_gpus({{old_gpu(0)}}, kernels_for_ampere_and_newer(), ""));
    EXPECT_FALSE(on_gpus(DeviceChoice::automatic, std::vector{none}));
    EXPECT_EQ(
        message_of<UsageError>(DeviceChoice::cuda, {none}),
        "--device cuda: rank 0 on host n1 has no GPU to compute on: GPU 0 (Tesla V100) is of compute "
        "capability 7.0, and this build has kernels for 8.0, 9.0, PTX of 9.0: build again; --device cpu "
        "audits without");
    auto mixed = seats_on("n2", 1);
    mixed.push_back(none);
    EXPECT_THAT(message_of<MixedMachines>(DeviceChoice::automatic, mixed),
                HasSubstr("rank 1 on host n1 has none (GPU 0 (Tesla V100) is of compute capability 7.0"));
}

TEST(Seats, WhereNoGpuIsSeenTheReasonIsThatOfTheMachine)
{
    const auto none = usable_gpus({}, kernels_for_ampere_and_newer(), "there is no NVIDIA driver");
    EXPECT_EQ(none.why_no_gpu, "there is no NVIDIA driver");
    EXPECT_EQ(none.unusable, 0);
}

TEST(Seats, ABuildForGpusKnowsWhatItsKernelsAreFor)
{
    const auto kernels = kernels_in_use();
    if (diagnostics::gpu_libraries().empty()) {
        EXPECT_TRUE(kernels.empty());
        return;
    }
    ASSERT_EQ(kernels.size(), 2U);
    EXPECT_EQ(kernels[1].whose, "this build");
    EXPECT_FALSE(kernels[1].images.empty());
}

TEST(Seats, LongNamesAreCutNotOverrun)
{
    const std::string name(400, 'x');
    const auto seat = seat_of(
        name, 0,
        {.gpus = {{.index = 0, .name = name, .uuid = name, .bus = name}}, .unusable = 0, .why_no_gpu = name});
    EXPECT_EQ(std::string(seat.host).size(), sizeof seat.host - 1);
    EXPECT_EQ(std::string(seat.model).size(), sizeof seat.model - 1);
    EXPECT_EQ(std::string(seat.uuid).size(), sizeof seat.uuid - 1);
    EXPECT_EQ(std::string(seat.bus).size(), sizeof seat.bus - 1);
    EXPECT_EQ(std::string(seat.reason).size(), sizeof seat.reason - 1);
}

} // namespace
} // namespace fa::harness
