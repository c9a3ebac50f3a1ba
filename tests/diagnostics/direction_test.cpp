#include "diagnostics/direction.hpp"

#include "tests/support/expect_tensor.hpp"
#include "tests/support/two_block_network.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(DirectionCosines, ArePairwiseAndUndefinedForABatchWithoutADirection)
{
    const auto cosines =
        direction_cosines({vector({1, 0}), vector({nan, nan}), vector({0.6, 0.8}), vector({0, -1})});
    EXPECT_TENSOR_NEAR(cosines,
                       rows({{1, nan, 0.6, 0}, {nan, nan, nan, nan}, {0.6, nan, 1, -0.8}, {0, nan, -0.8, 1}}),
                       1e-15);
}

TEST(DirectionCosines, AreSymmetricToTheLastBit)
{
    const auto unit = [](double phase) {
        const auto v = TwoBlockNetwork::entries({301}, 1.0, phase);
        return v / v.norm();
    };
    std::vector<at::Tensor> directions;
    for (int batch = 0; batch < 11; ++batch)
        directions.push_back(unit(batch));
    const auto cosines = direction_cosines(directions);
    EXPECT_TENSOR_NEAR(cosines, cosines.t(), 0);
}

} // namespace
} // namespace fa::diagnostics
