#include "tests/diagnostics/gamma_results.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

using namespace fa;
using diagnostics::Form;
using namespace fa::testing;

TEST(GammaEngine, IsUndefinedForAZeroGradientWhichAddsNothingToTheVectorForms)
{
    const Shape shape{5, {20, 30}, 4, 3};
    auto batch = raw_batch(shape);
    batch.gradient[1][2].zero_();
    const auto draws = draws_of(shape);
    const auto actual = gamma_of_draws(gamma_inputs(batch), draws);
    EXPECT_TRUE(actual.gamma.select(2, 1).select(1, 2).isnan().all().item<bool>());
    EXPECT_FALSE(actual.flat.isnan().any().item<bool>());
    EXPECT_FALSE(actual.concat.isnan().any().item<bool>());
    expect_near(actual, slow_gamma(batch, draws));
}

TEST(GammaEngine, IsUndefinedForAZeroErrorInEveryLayer)
{
    const Shape shape{5, {20, 30}, 4, 3};
    auto batch = raw_batch(shape);
    batch.error[1].zero_();
    const auto draws = draws_of(shape);
    auto inputs = gamma_inputs(batch);
    const auto as_nan_row = gamma_of_draws(inputs, draws);
    EXPECT_TRUE(as_nan_row.gamma.select(1, 1).isnan().all().item<bool>());
    EXPECT_FALSE(as_nan_row.flat.isnan().any().item<bool>());
    EXPECT_TRUE(as_nan_row.concat.select(1, 1).isnan().all().item<bool>());
    expect_near(as_nan_row, slow_gamma(batch, draws));
    inputs.input[1].zero_();
    EXPECT_TRUE(same_bits(gamma_of_draws(inputs, draws), as_nan_row));
    const auto directly = gamma_of_draws(inputs, in_form(Form::direct, draws));
    EXPECT_TRUE(directly.gamma.select(1, 1).isnan().all().item<bool>());
    expect_near(directly, as_nan_row);
}

TEST(GammaEngine, IsUndefinedForANonFiniteGradientAndSoAreTheVectorFormsItEnters)
{
    const Shape shape{5, {20, 30}, 4, 3};
    for (const double bad : {undefined, std::numeric_limits<double>::infinity()}) {
        auto batch = raw_batch(shape);
        batch.gradient[1][2][7] = bad;
        const auto draws = draws_of(shape);
        const auto actual = gamma_of_draws(gamma_inputs(batch), draws);
        EXPECT_TRUE(actual.flat.select(1, 1).isnan().all().item<bool>());
        EXPECT_FALSE(actual.flat.select(1, 0).isnan().any().item<bool>());
        EXPECT_TRUE(actual.concat.select(1, 2).isnan().all().item<bool>());
        expect_near(actual, slow_gamma(batch, draws));
    }
}

TEST(GammaEngine, IsUndefinedForANonFiniteErrorAndSoAreTheVectorFormsItEnters)
{
    const Shape shape{5, {20, 30}, 4, 3};
    auto batch = raw_batch(shape);
    batch.error[4][0] = undefined;
    const auto draws = draws_of(shape);
    const auto actual = gamma_of_draws(gamma_inputs(batch), draws);
    EXPECT_TRUE(actual.flat.isnan().all().item<bool>());
    expect_near(actual, slow_gamma(batch, draws));
}

TEST(GammaEngine, IsUndefinedThroughoutWhereEveryGradientIsZero)
{
    const Shape shape{3, {8}, 2, 2};
    auto batch = raw_batch(shape);
    batch.gradient[0].zero_();
    const auto actual = gamma_of_draws(gamma_inputs(batch), draws_of(shape));
    for (const auto& values : {actual.gamma, actual.batchvec, actual.flat, actual.concat})
        EXPECT_TRUE(values.isnan().all().item<bool>());
}

TEST(GammaEngine, WritesOneCanonicalNan)
{
    const Shape shape{5, {20, 30}, 4, 3};
    auto batch = raw_batch(shape);
    batch.gradient[0][0][0] = -std::numeric_limits<double>::infinity();
    batch.error[1].zero_();
    batch.gradient[1][3][1] = std::copysign(undefined, -1.0);
    const auto result = gamma_of_draws(gamma_inputs(batch), draws_of(shape));
    std::int64_t found = 0;
    for (const auto& values : {result.gamma, result.batchvec, result.flat, result.concat})
        for (std::int64_t k = 0; k < values.numel(); ++k) {
            const float value = values.const_data_ptr<float>()[k];
            if (!std::isnan(value))
                continue;
            ++found;
            ASSERT_EQ(std::bit_cast<std::uint32_t>(value), 0x7fc00000U);
        }
    EXPECT_GT(found, 0);
}
