#include "diagnostics/output_error.hpp"

#include "tests/support/expect_tensor.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

at::Tensor labels(std::vector<std::int64_t> values)
{
    return at::tensor(values, at::TensorOptions(at::kLong));
}

TEST(OutputError, IsSoftmaxMinusOnehot)
{
    // Logits ln 1, ln 2, ln 5: probabilities 1/8, 2/8, 5/8.
    const auto logits = rows({{0, std::log(2.0), std::log(5.0)}});
    const auto output = output_error(logits, labels({1}), jobs::Loss::cross_entropy);
    EXPECT_TENSOR_NEAR(output.error, rows({{0.125, -0.75, 0.625}}), 1e-15);
    EXPECT_NEAR(entry(output.loss, 0), std::log(4.0), 1e-15);
    EXPECT_NEAR(entry(output.norm, 0), std::sqrt(0.125 * 0.125 + 0.75 * 0.75 + 0.625 * 0.625), 1e-15);
}

TEST(OutputError, OfAConfidentSampleKeepsItsEntryAtTheLabel)
{
    // p_y rounds to 1 in double; e_y is −2 e^{−150} all the same, where p_y − 1 would be 0.
    const auto output = output_error(rows({{150, 0, 0}}), labels({0}), jobs::Loss::cross_entropy);
    const double p = std::exp(-150.0);
    EXPECT_NEAR(entry(output.error, 0, 0) / (-2 * p), 1, 1e-12);
    EXPECT_NEAR(entry(output.error, 0, 1) / p, 1, 1e-12);
    EXPECT_TENSOR_NEAR(output.unit, rows({{-2, 1, 1}}) / std::sqrt(6.0), 1e-15);
    EXPECT_NEAR(entry(output.norm, 0) / (std::sqrt(6.0) * p), 1, 1e-12);
    EXPECT_NEAR(entry(output.loss, 0) / (2 * p), 1, 1e-12);
}

TEST(OutputError, SumsToZeroOverTheClasses)
{
    const auto logits = rows({{40, -3, 2, 0}, {1, 2, 3, 4}, {-700, 0, 0, 1}});
    const auto output = output_error(logits, labels({0, 2, 0}), jobs::Loss::cross_entropy);
    EXPECT_TENSOR_NEAR(output.unit.sum(1), vector({0, 0, 0}), 1e-15);
}

TEST(OutputError, OfFloat32LogitsIsTakenInDouble)
{
    const auto logits = rows({{40, 0}}).to(at::kFloat);
    const auto output = output_error(logits, labels({0}), jobs::Loss::cross_entropy);
    EXPECT_EQ(output.error.scalar_type(), at::kDouble);
    EXPECT_NEAR(entry(output.norm, 0) / (std::sqrt(2.0) * std::exp(-40.0)), 1, 1e-12);
}

TEST(OutputError, ThatUnderflowsLeavesAZeroUnitRow)
{
    const auto output = output_error(rows({{2000, 0}}), labels({0}), jobs::Loss::cross_entropy);
    EXPECT_EQ(entry(output.norm, 0), 0);
    EXPECT_TENSOR_NEAR(output.unit, rows({{0, 0}}), 0);
}

TEST(OutputError, OfNonFiniteLogitsIsNanForThatSampleAlone)
{
    const auto output =
        output_error(rows({{nan, 0}, {infinity, 0}, {0, 0}}), labels({0, 0, 1}), jobs::Loss::cross_entropy);
    EXPECT_TENSOR_NEAR(output.error, rows({{nan, nan}, {nan, nan}, {0.5, -0.5}}), 1e-15);
    EXPECT_TENSOR_NEAR(output.norm, vector({nan, nan, std::sqrt(0.5)}), 1e-15);
    EXPECT_TRUE(output.unit[0].isnan().all().item<bool>());
}

TEST(OutputError, OfMeanSquaresIsLogitsMinusOnehot)
{
    const auto output = output_error(rows({{0.5, 2, -1}}), labels({1}), jobs::Loss::mse);
    EXPECT_TENSOR_NEAR(output.error, rows({{0.5, 1, -1}}), 0);
    EXPECT_EQ(entry(output.loss, 0), 0.5 * (0.25 + 1 + 1));
    EXPECT_EQ(entry(output.norm, 0), 1.5);
}

TEST(Correct, IsTheFirstMaximum)
{
    const auto logits = rows({{1, 3, 3}, {1, 3, 3}, {3, 3, 3}, {0, 1, 2}});
    const auto right = correct(logits, labels({1, 2, 0, 2}));
    EXPECT_EQ(right.scalar_type(), at::kByte);
    EXPECT_TENSOR_NEAR(right, vector({1, 0, 1, 1}), 0);
}

TEST(Correct, CountsNanLogitsAsWrong)
{
    const auto logits = rows({{nan, 1, 0}, {nan, 1, 0}, {nan, nan, nan}});
    EXPECT_TENSOR_NEAR(correct(logits, labels({0, 1, 0})), vector({0, 0, 0}), 0);
}

} // namespace
} // namespace fa::diagnostics
