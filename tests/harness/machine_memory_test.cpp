#include "harness/machine_memory.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <limits>

namespace fa::harness {
namespace {

TEST(MachineMemory, IsTheLeastOfTheGroupsAboveAProcess)
{
    const fa::testing::ScratchFolder folder;
    const auto mount = folder.path();
    std::filesystem::create_directories(mount / "job/step");
    std::ofstream(mount / "job/memory.max") << "5000000\n";
    std::ofstream(mount / "job/step/memory.max") << "max\n";
    EXPECT_EQ(control_group_limit(mount, "/job/step"), 5000000U);
    EXPECT_EQ(control_group_limit(mount, "/job/other"), 5000000U);
    EXPECT_EQ(control_group_limit(mount, "/"), std::numeric_limits<std::uint64_t>::max());
}

TEST(MachineMemory, HeedsWhatSlurmGrants)
{
    ASSERT_GT(usable_memory(), 0U);
    setenv("SLURM_MEM_PER_NODE", "3", 1); // MiB
    EXPECT_EQ(usable_memory(), 3U << 20);
    unsetenv("SLURM_MEM_PER_NODE");
    EXPECT_LE(usable_memory(), static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                                   static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

} // namespace
} // namespace fa::harness
