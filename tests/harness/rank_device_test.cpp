#include "harness/rank_device.hpp"

#include "harness/machine_kind.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace fa::harness {
namespace {

using diagnostics::Gpu;
using ::testing::AllOf;
using ::testing::HasSubstr;

Gpu gpu(int index, const std::string& uuid)
{
    return {.index = index,
            .name = "NVIDIA H100",
            .uuid = uuid,
            .major = 9,
            .minor = 0,
            .memory = 80ULL << 30,
            .multiprocessors = 132};
}

/// Two GPUs of a machine, seen by each of its ranks.
const std::vector<Gpu> both = {gpu(0, "GPU-a"), gpu(1, "GPU-b")};

std::vector<Seat> seats_on_one_machine(int ranks)
{
    std::vector<Seat> seats;
    for (int rank = 0; rank < ranks; ++rank)
        seats.push_back(seat_of("n1", rank, both, ""));
    return seats;
}

Seat without_gpu(const std::string& host)
{
    return seat_of(host, 0, {}, "there is no NVIDIA driver");
}

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

TEST(RankDevice, IsTheGpuOfTheLocalRank)
{
    EXPECT_EQ(gpu_of(0, both)->uuid, "GPU-a");
    EXPECT_EQ(gpu_of(1, both)->uuid, "GPU-b");
    EXPECT_EQ(gpu_of(2, both)->uuid, "GPU-a");
    EXPECT_EQ(gpu_of(3, both)->index, 1);
    EXPECT_FALSE(gpu_of(0, {}));
}

TEST(RankDevice, IsAGpuByItselfWhereEveryRankHasOne)
{
    EXPECT_TRUE(on_gpus(DeviceChoice::automatic, seats_on_one_machine(2)));
    EXPECT_TRUE(on_gpus(DeviceChoice::cuda, seats_on_one_machine(2)));
    EXPECT_FALSE(on_gpus(DeviceChoice::automatic, std::vector{without_gpu("n1"), without_gpu("n2")}));
}

TEST(RankDevice, IsTheCpuWhereAskedTo)
{
    EXPECT_FALSE(on_gpus(DeviceChoice::cpu, seats_on_one_machine(2)));
    EXPECT_FALSE(on_gpus(DeviceChoice::cpu, std::vector{without_gpu("n1")}));
}

TEST(RankDevice, CudaWhereThereIsNoneNamesRankHostAndReason)
{
    auto seats = seats_on_one_machine(2);
    seats.push_back(without_gpu("n2"));
    EXPECT_EQ(message_of<UsageError>(DeviceChoice::cuda, seats),
              "--device cuda: rank 2 on host n2 has no GPU: there is no NVIDIA driver; --device cpu audits "
              "without");
}

TEST(RankDevice, AutoIsRefusedWhereOnlySomeRanksHaveAGpu)
{
    auto seats = seats_on_one_machine(2);
    seats.insert(seats.begin(), without_gpu("n2"));
    EXPECT_THAT(message_of<MixedMachines>(DeviceChoice::automatic, seats),
                AllOf(HasSubstr("rank 1 on host n1 has GPU 0 (NVIDIA H100)"),
                      HasSubstr("rank 0 on host n2 has none (there is no NVIDIA driver)"),
                      HasSubstr("--device cpu")));
}

TEST(RankDevice, NothingIsSaidWhereEveryRankHasAGpuOfItsOwn)
{
    EXPECT_EQ(shared_gpus(seats_on_one_machine(2)), "");
    // A launcher may show each rank one GPU alone: all have the index 0.
    const std::vector<Gpu> first = {both[0]}, second = {gpu(0, "GPU-b")};
    EXPECT_EQ(shared_gpus(std::vector{seat_of("n1", 0, first, ""), seat_of("n1", 1, second, "")}), "");
}

TEST(RankDevice, SharedGpusAreToldWithNumbersAndWhatWouldBeRight)
{
    EXPECT_THAT(shared_gpus(seats_on_one_machine(3)),
                AllOf(HasSubstr("ranks 0, 2 share GPU 0 (NVIDIA H100) of host n1"),
                      HasSubstr("3 ranks compute on 2 GPUs"), HasSubstr("(2 in all)"),
                      ::testing::Not(HasSubstr("more"))));
    EXPECT_THAT(shared_gpus(seats_on_one_machine(4)), HasSubstr("(and so on for 1 more)"));
    const std::vector<Gpu> one = {both[0]};
    EXPECT_THAT(shared_gpus(std::vector{seat_of("n1", 0, one, ""), seat_of("n1", 1, one, "")}),
                HasSubstr("2 ranks compute on 1 GPU;"));
}

TEST(RankDevice, LongNamesAreCutNotOverrun)
{
    const std::string name(300, 'x');
    const std::vector<Gpu> one = {{.index = 0, .name = name, .uuid = "GPU-a"}};
    const auto seat = seat_of(name, 0, one, name);
    EXPECT_EQ(std::string(seat.host).size(), sizeof seat.host - 1);
    EXPECT_EQ(std::string(seat.model).size(), sizeof seat.model - 1);
    EXPECT_EQ(std::string(seat.reason).size(), sizeof seat.reason - 1);
}

} // namespace
} // namespace fa::harness
