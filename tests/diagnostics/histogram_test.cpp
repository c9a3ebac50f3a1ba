#include "diagnostics/histogram.hpp"

#include "tests/support/expect_tensor.hpp"

#include <limits>
#include <map>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

std::map<std::int64_t, std::int64_t> counted(const at::Tensor& gamma)
{
    auto counts = at::zeros({2048}, at::TensorOptions(at::kLong));
    add_to_histogram(gamma, counts);
    std::map<std::int64_t, std::int64_t> filled;
    for (std::int64_t bin = 0; bin < 2048; ++bin)
        if (const auto count = counts[bin].item<std::int64_t>())
            filled[bin] = count;
    return filled;
}

using Bins = std::map<std::int64_t, std::int64_t>;

TEST(Histogram, BinsAreClosedBelowAndOpenAbove)
{
    const double step = 1.0 / 1024;
    EXPECT_EQ(counted(vector({0})), (Bins{{1024, 1}}));
    EXPECT_EQ(counted(vector({step, std::nextafter(step, 0)})), (Bins{{1024, 1}, {1025, 1}}));
    EXPECT_EQ(counted(vector({-step, std::nextafter(-step, -1)})), (Bins{{1022, 1}, {1023, 1}}));
    EXPECT_EQ(counted(vector({-5e-324})), (Bins{{1023, 1}}));
}

TEST(Histogram, TheLastBinIsClosedAndRoundingBeyondTheEndsStaysIn)
{
    EXPECT_EQ(counted(vector({1, 1 + 1e-15, std::nextafter(1.0, 0.0)})), (Bins{{2047, 3}}));
    EXPECT_EQ(counted(vector({-1, -1 - 1e-15})), (Bins{{0, 2}}));
}

TEST(Histogram, DoesNotCountNan)
{
    EXPECT_EQ(counted(vector({std::numeric_limits<double>::quiet_NaN(), 0.5})), (Bins{{1536, 1}}));
}

TEST(Histogram, AddsToWhatIsThereInAnyShapeAndPrecision)
{
    auto counts = at::zeros({2048}, at::TensorOptions(at::kLong));
    add_to_histogram(rows({{0.5, 0.5}, {-0.5, 0.25}}).to(at::kFloat).t(), counts);
    add_to_histogram(vector({0.5}), counts);
    EXPECT_EQ(counts[1536].item<std::int64_t>(), 3);
    EXPECT_EQ(counts.sum().item<std::int64_t>(), 5);
}

} // namespace
} // namespace fa::diagnostics
