#include "harness/comm/mpi_backend.hpp"
#include "harness/machine_kind.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

namespace fa::harness {
namespace {

comm::Communicator world()
{
    return comm::Communicator(comm::make_mpi_backend(MPI_COMM_WORLD));
}

/// Rank 0 pretends to be a machine without AVX2: ATen obeys the same variable.
class MixedJob : public ::testing::Test {
  protected:
    void SetUp() override { setenv("ATEN_CPU_CAPABILITY", world().leads() ? "default" : "avx2", 1); }
    void TearDown() override
    {
        unsetenv("ATEN_CPU_CAPABILITY");
        unsetenv("MKL_CBWR");
    }
};

TEST_F(MixedJob, IsRefusedOnEveryRankWithBothKindsNamed)
{
    try {
        agree_on_machine_kind(world(), Mixture::refuse);
        ADD_FAILURE() << "went on";
    } catch (const MixedMachines& error) {
        EXPECT_THAT(error.what(),
                    ::testing::AllOf(::testing::HasSubstr("default"), ::testing::HasSubstr("avx2"),
                                     ::testing::HasSubstr("--lowest-capability")));
    }
}

TEST_F(MixedJob, ComesDownToTheLowestWhereAskedTo)
{
    agree_on_machine_kind(world(), Mixture::lowest_capability);
    EXPECT_EQ(std::string(std::getenv("ATEN_CPU_CAPABILITY")), "default");
    EXPECT_EQ(std::string(std::getenv("MKL_CBWR")), "COMPATIBLE");
}

TEST(MachineKind, OfOneMachineIsLeftAlone)
{
    unsetenv("ATEN_CPU_CAPABILITY");
    agree_on_machine_kind(world(), Mixture::refuse);
    EXPECT_EQ(std::getenv("ATEN_CPU_CAPABILITY"), nullptr);
}

std::string message_of_gpus(const std::string& mine, Mixture mixture)
{
    try {
        agree_on_machine_kind(world(), mixture, mine);
    } catch (const MixedMachines& error) {
        return error.what();
    }
    return "went on";
}

TEST(MachineKind, GpusOfTwoModelsAreRefusedWhateverIsAsked)
{
    const std::string mine = world().leads() ? "NVIDIA A100, CUDA 13.0" : "NVIDIA H100, CUDA 13.0";
    for (const auto mixture : {Mixture::refuse, Mixture::lowest_capability})
        EXPECT_THAT(message_of_gpus(mine, mixture),
                    ::testing::AllOf(::testing::HasSubstr("NVIDIA A100"), ::testing::HasSubstr("NVIDIA H100"),
                                     ::testing::HasSubstr("--device cpu"),
                                     ::testing::HasSubstr("--lowest-capability can't")));
    EXPECT_EQ(message_of_gpus("NVIDIA H100, CUDA 13.0", Mixture::refuse), "went on");
}

TEST(MachineKind, NamesTheGpuBehindTheProcessorSoThatNoSegmentsAreMixed)
{
    EXPECT_EQ(machine_kind("NVIDIA H100, CUDA 13.0"), machine_kind() + ", NVIDIA H100, CUDA 13.0");
}

} // namespace
} // namespace fa::harness
