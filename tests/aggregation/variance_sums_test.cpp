#include "aggregation/variance_sums.hpp"

#include "aggregation/chi_squares.hpp"

#include "simulated_gamma.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

using namespace fa::aggregation;
using namespace fa::testing;

namespace {

TEST(VarianceSums, DecomposeEachLayerAndTheMeanOverThem)
{
    std::mt19937 generator(9);
    const Design one{2, 2, 3, 1}, two{2, 2, 3, 2};
    const Simulated first(one, 3, every_source, generator), second(one, 3, every_source, generator);
    auto average = first;
    VarianceSums sums(two);
    for (std::size_t draw = 0; draw < 3; ++draw) {
        std::vector<std::vector<double>> seeds;
        for (std::size_t seed = 0; seed < 2; ++seed) {
            auto& values = seeds.emplace_back();
            for (std::size_t i = 0; i < 6; ++i) {
                values.push_back(first.values[draw][seed][i]);
                values.push_back(second.values[draw][seed][i]);
                average.values[draw][seed][i] =
                    (first.values[draw][seed][i] + second.values[draw][seed][i]) / 2;
            }
        }
        const std::vector<std::span<const double>> views(seeds.begin(), seeds.end());
        if (draw == 0) {
            sums.leave_out_undefined(std::span(views));
        }
        ASSERT_TRUE(sums.add_draw(std::span(views)));
    }
    const auto totals = sums.totals();
    ASSERT_EQ(totals.size(), 3U);
    const std::array expected{first.decomposition(), second.decomposition(), average.decomposition()};
    for (std::size_t column = 0; column < 3; ++column) {
        const auto found = decompose(totals[column], true);
        for (std::size_t i = 0; i < found.sources.size(); ++i) {
            EXPECT_NEAR(found.sources[i].estimate, expected[column].sources[i].estimate, 1e-12);
        }
    }
}

TEST(VarianceSums, SayWhenAValueTurnsOutUndefined)
{
    VarianceSums sums({1, 1, 2, 1});
    const std::vector<double> whole{0.1, 0.2}, torn{0.1, NAN}, empty{NAN, NAN};
    const std::vector<std::span<const double>> good{whole}, bad{torn}, none{empty};
    sums.leave_out_undefined(std::span(good));
    EXPECT_TRUE(sums.add_draw(std::span(good)));
    EXPECT_FALSE(sums.add_draw(std::span(bad)));
    VarianceSums nothing({1, 1, 2, 1});
    nothing.leave_out_undefined(std::span(none));
    EXPECT_TRUE(nothing.add_draw(std::span(none)));
    EXPECT_EQ(nothing.totals().front().seeds_left_out, 1U);
    EXPECT_TRUE(decompose(nothing.totals().front(), true).sources.empty());
}

TEST(ChiSquares, HaveTheMeanAndVarianceOfTheirDistribution)
{
    ChiSquares chi_squares(20'000);
    for (const double freedom : {1.0, 2.0, 7.0, 99.0, 100.0, 5000.0}) {
        const auto numbers = chi_squares.of(3, freedom);
        // Standard error of the mean √(2·df/n); of the variance about √(2/n + 12/(df·n)) of it.
        EXPECT_NEAR(mean(numbers), freedom, 4 * std::sqrt(2 * freedom / 20'000));
        EXPECT_NEAR(std::pow(standard_deviation(numbers), 2) / (2 * freedom), 1,
                    4 * std::sqrt(2.0 / 20'000 + 12 / (freedom * 20'000)));
    }
}

} // namespace
