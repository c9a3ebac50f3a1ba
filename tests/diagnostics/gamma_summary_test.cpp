#include "diagnostics/gamma_summary.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

using fa::diagnostics::summarise;

namespace {

constexpr float undefined = std::numeric_limits<float>::quiet_NaN();

/// One draw of one layer.
fa::diagnostics::BatchSummary summary_of(const std::vector<float>& gamma)
{
    return summarise(at::tensor(gamma).view({1, -1, 1}));
}

} // namespace

TEST(GammaSummary, OfAnEvenCountTakesTheMiddleTwo)
{
    const auto summary = summary_of({0.4F, -0.2F, 0.1F, 0.3F});
    EXPECT_FLOAT_EQ(summary.mean.item<float>(), 0.15F);
    EXPECT_FLOAT_EQ(summary.median.item<float>(), 0.2F);
    EXPECT_FLOAT_EQ(summary.iqm.item<float>(), 0.2F); // drops one at each end
    EXPECT_FLOAT_EQ(summary.count.item<float>(), 4.0F);
}

TEST(GammaSummary, SkipsUndefinedSamples)
{
    const auto summary = summary_of({undefined, 0.5F, undefined, -0.5F, 0.25F, 1.0F, 0.0F});
    EXPECT_FLOAT_EQ(summary.count.item<float>(), 5.0F);
    EXPECT_FLOAT_EQ(summary.mean.item<float>(), 0.25F);
    EXPECT_FLOAT_EQ(summary.median.item<float>(), 0.25F);
    EXPECT_FLOAT_EQ(summary.iqm.item<float>(), 0.25F);
}

TEST(GammaSummary, AveragesAnglesInRadiansBeyondOneClamped)
{
    const double sixty_degrees = std::acos(-1.0) / 3.0;
    EXPECT_FLOAT_EQ(summary_of({0.5F, 1.0000001F}).angle.item<float>(),
                    static_cast<float>(sixty_degrees / 2.0));
}

TEST(GammaSummary, IsUndefinedWithCountZeroWhereNothingIsDefined)
{
    const auto summary = summary_of({undefined, undefined});
    EXPECT_EQ(summary.count.item<float>(), 0.0F);
    for (const auto& value : {summary.mean, summary.median, summary.iqm, summary.angle})
        EXPECT_TRUE(std::isnan(value.item<float>()));
}

TEST(GammaSummary, KeepsDrawsAndLayersApart)
{
    // Value 100 r + 10 l + i: means over the three samples i are 100 r + 10 l + 1.
    const auto gamma = (100 * at::arange(2).view({2, 1, 1}) + at::arange(3).view({1, 3, 1}) +
                        10 * at::arange(4).view({1, 1, 4}))
                           .to(at::kFloat);
    const auto expected =
        (100 * at::arange(2).view({2, 1}) + 10 * at::arange(4).view({1, 4}) + 1).to(at::kFloat);
    const auto summary = summarise(gamma);
    EXPECT_TRUE(at::equal(summary.mean, expected));
    EXPECT_TRUE(at::equal(summary.median, expected));
}

TEST(GammaSummary, RefusesOtherShapes)
{
    EXPECT_THROW(summarise(at::zeros({2, 3}, at::kFloat)), std::invalid_argument);
    EXPECT_THROW(summarise(at::zeros({2, 3, 1}, at::kDouble)), std::invalid_argument);
}
