/// The tests' own device: the host's memory is closed to it, and its own to the host.
#include "diagnostics/norms.hpp"
#include "tests/diagnostics/far_problem.hpp"

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

TEST(FarDevice, MixedTensorsFailHere) // else these tests would show nothing
{
    const auto there = at::ones({3}, far(at::kDouble));
    EXPECT_ANY_THROW(there + at::ones({3}, at::kDouble));
    waits_of_host();
    EXPECT_EQ((there + 1).sum().item<double>(), 6.0);
    EXPECT_EQ(waits_of_host(), 1);
}

TEST(FarDevice, NormsAreTakenThereWithoutTheCpusKernel)
{
    const auto rows = TwoBlockNetwork::entries({4, 6}, 1.0, 0.3);
    const auto there = sample_vectors(rows.to(far_device()));
    expect_near(there.unit, sample_vectors(rows).unit, 1e-15);
}

TEST(FarDeviceDeathTest, ItsMemoryCantBeReadFromHere)
{
    const auto there = at::ones({3}, far(at::kDouble));
    EXPECT_DEATH(static_cast<void>(*static_cast<const volatile double*>(there.const_data_ptr())), "");
}

} // namespace
} // namespace fa::diagnostics
