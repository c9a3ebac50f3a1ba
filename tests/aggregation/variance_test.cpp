#include "aggregation/variance_components.hpp"

#include "simulated_gamma.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <random>

using namespace fa::aggregation;
using namespace fa::testing;

namespace {

const Source* find(const Decomposition& decomposition, const std::string& name)
{
    for (const auto& source : decomposition.sources) {
        if (source.name == name) {
            return &source;
        }
    }
    return nullptr;
}

/// Mean product of all pairs of values that share exactly `shared`, by a loop over all pairs.
double slow_product(const Simulated& data, Shared shared, const std::vector<char>& used, double centre)
{
    double sum = 0, pairs = 0;
    data.each([&](std::size_t d, std::size_t s, std::size_t i) {
        data.each([&](std::size_t e, std::size_t t, std::size_t j) {
            const std::size_t place = i == j                                                     ? 2
                                      : i / data.design.batch_size == j / data.design.batch_size ? 1
                                                                                                 : 0;
            if (used[i] != 0 && used[j] != 0 && (s == t) == (shared.seed == 1) &&
                (d == e) == (shared.draw == 1) && place == shared.place) {
                sum += (data.values[d][s][i] - centre) * (data.values[e][t][j] - centre);
                ++pairs;
            }
        });
    });
    return sum / pairs;
}

/// All eleven variances from the twelve mean products, each effect written out.
Truth slow_components(const Simulated& data, const std::vector<char>& used, double centre)
{
    const auto E = [&](std::size_t seed, std::size_t draw, std::size_t place) {
        return slow_product(data, {seed, draw, place}, used, centre);
    };
    const double none = E(0, 0, 0), s = E(1, 0, 0), d = E(0, 1, 0), b = E(0, 0, 1), i = E(0, 0, 2),
                 sd = E(1, 1, 0), sb = E(1, 0, 1), si = E(1, 0, 2), db = E(0, 1, 1), di = E(0, 1, 2),
                 sdb = E(1, 1, 1), sdi = E(1, 1, 2);
    return {{"seed", s - none},
            {"draw", d - none},
            {"batch", b - none},
            {"sample", i - b},
            {"seed × draw", sd - s - d + none},
            {"seed × batch", sb - s - b + none},
            {"seed × sample", si - sb - i + b},
            {"draw × batch", db - d - b + none},
            {"draw × sample", di - db - i + b},
            {"seed × draw × batch", sdb - sd - sb - db + s + d + b - none},
            {"seed × draw × sample", sdi - sdb - si - di + sb + db + i - b}};
}

void expect_slow_components(const Simulated& data, const std::vector<char>& used)
{
    double centre = 0, count = 0; // of the first draw, as VarianceSums has it
    data.each([&](std::size_t draw, std::size_t seed, std::size_t sample) {
        if (draw == 0 && used[sample] != 0) {
            centre += data.values[0][seed][sample];
            ++count;
        }
    });
    const auto decomposition = data.decomposition();
    EXPECT_EQ(decomposition.sources.size(), 11U);
    for (const auto& [name, variance] : slow_components(data, used, centre / count)) {
        const auto* source = find(decomposition, name);
        ASSERT_NE(source, nullptr) << name;
        EXPECT_NEAR(source->estimate, variance, 1e-10) << name;
    }
}

TEST(Decomposition, IsThatOfASlowLoopOverAllPairs)
{
    std::mt19937 generator(1);
    const Simulated data({3, 3, 4, 1}, 4, every_source, generator, 0.7);
    expect_slow_components(data, std::vector<char>(12, 1));
}

TEST(Decomposition, LeavesSamplesOutThatOneSeedLacks)
{
    std::mt19937 generator(2);
    Simulated data({3, 3, 4, 1}, 4, every_source, generator);
    std::vector<char> used(12, 1);
    used[2] = used[7] = used[6] = 0;
    for (auto& draw : data.values) {
        draw[0][2] = draw[1][7] = draw[2][6] = NAN;
    }
    expect_slow_components(data, used);
    EXPECT_EQ(data.totals().front().left_out, 3U);
}

TEST(Decomposition, OfABalancedTableIsTheTextbooksAnova)
{
    // Seeds × samples in one batch, one value a cell: σ²(sample) = (MS_sample − MS_rest)/seeds, …
    std::mt19937 generator(3);
    const Simulated data({4, 1, 7, 1}, 1, {{"seed", 1}, {"sample", 2}, {"seed × sample", 0.5}}, generator, 5);
    std::vector<double> rows(4, 0.0), columns(7, 0.0);
    double grand = 0;
    data.each([&](std::size_t, std::size_t s, std::size_t i) {
        const double value = data.values[0][s][i];
        rows[s] += value / 7;
        columns[i] += value / 4;
        grand += value / 28;
    });
    double of_rows = 0, of_columns = 0, rest = 0;
    for (const double row : rows) {
        of_rows += 7 * std::pow(row - grand, 2) / 3;
    }
    for (const double column : columns) {
        of_columns += 4 * std::pow(column - grand, 2) / 6;
    }
    data.each([&](std::size_t, std::size_t s, std::size_t i) {
        rest += std::pow(data.values[0][s][i] - rows[s] - columns[i] + grand, 2) / 18;
    });
    const auto decomposition = data.decomposition();
    ASSERT_EQ(decomposition.sources.size(), 3U);
    EXPECT_NEAR(find(decomposition, "seed")->estimate, (of_rows - rest) / 7, 1e-12);
    EXPECT_NEAR(find(decomposition, "sample")->estimate, (of_columns - rest) / 4, 1e-12);
    EXPECT_NEAR(find(decomposition, "seed × sample")->estimate, rest, 1e-12);
    EXPECT_NEAR(decomposition.mean, grand, 1e-12);
    EXPECT_EQ(decomposition.not_estimable, std::vector<std::string>{"batch"});
}

TEST(Decomposition, OfOneSeedDoesNotSpeakOfSeeds)
{
    std::mt19937 generator(4);
    const auto decomposition = Simulated({1, 4, 5, 1}, 6, every_source, generator).decomposition();
    EXPECT_EQ(decomposition.not_estimable, std::vector<std::string>{"seed"});
    EXPECT_EQ(decomposition.sources.size(), 5U);
    for (const auto& source : decomposition.sources) {
        EXPECT_EQ(source.name.find("seed"), std::string::npos) << source.name;
    }
}

TEST(Decomposition, IgnoresAConstant)
{
    std::mt19937 generator(5), again(5);
    const auto near = Simulated({3, 3, 4, 1}, 3, every_source, generator).decomposition();
    const auto far = Simulated({3, 3, 4, 1}, 3, every_source, again, 1e4).decomposition();
    for (std::size_t i = 0; i < near.sources.size(); ++i) {
        EXPECT_NEAR(near.sources[i].estimate, far.sources[i].estimate, 1e-8) << near.sources[i].name;
    }
}

TEST(Decomposition, SharesAreOfTheSumOfAllEstimates)
{
    std::mt19937 generator(6);
    const auto decomposition =
        Simulated({4, 4, 6, 1}, 5, {{"seed × draw × sample", 1.0}, {"draw", 0.5}}, generator).decomposition();
    double total = 0, of_mean = 0;
    bool any_negative = false;
    for (const auto& source : decomposition.sources) {
        any_negative = any_negative || source.estimate < 0;
        total += source.estimate;
        of_mean += source.mean_share;
    }
    ASSERT_TRUE(any_negative);
    EXPECT_NEAR(of_mean, 1, 1e-12);
    for (const auto& source : decomposition.sources) {
        EXPECT_NEAR(source.share, std::min(std::max(source.estimate / total, 0.0), 1.0), 1e-12)
            << source.name;
    }
}

/// Bias of the estimates and coverage of the shares' intervals, for Γ with known components.
TEST(Decomposition, FindsKnownComponentsAndItsIntervalsCoverThem)
{
    std::mt19937 generator(7);
    constexpr int audits = 300;
    const double all = std::accumulate(every_source.begin(), every_source.end(), 0.0,
                                       [](double sum, const auto& source) { return sum + source.second; });
    ChiSquares chi_squares(400);
    std::map<std::string, std::vector<double>> estimates;
    std::map<std::string, int> covered;
    for (int audit = 0; audit < audits; ++audit) {
        auto decomposition = Simulated({5, 6, 4, 1}, 8, every_source, generator).decomposition();
        add_intervals(decomposition, chi_squares);
        for (const auto& source : decomposition.sources) {
            estimates[source.name].push_back(source.estimate);
            const double share = every_source.at(source.name) / all;
            covered[source.name] += source.interval.low <= share && share <= source.interval.high ? 1 : 0;
        }
    }
    for (const auto& [name, values] : estimates) {
        const double error = standard_deviation(values) / std::sqrt(double{audits});
        EXPECT_NEAR(mean(values), every_source.at(name), 4 * error) << name;
        // Binomial standard deviation at 95 %: 1.3 points. Generalised intervals may be somewhat too wide.
        EXPECT_GE(covered[name] / double{audits}, 0.95 - 4 * 0.0126) << name;
    }
}

TEST(Average, IsThatOfTheLayersVariances)
{
    std::mt19937 generator(8);
    const std::array layers{Simulated({3, 3, 4, 1}, 3, every_source, generator).decomposition(),
                            Simulated({3, 3, 4, 1}, 3, every_source, generator).decomposition()};
    const auto average = average_of(layers);
    for (std::size_t i = 0; i < average.sources.size(); ++i) {
        EXPECT_DOUBLE_EQ(average.sources[i].estimate,
                         (layers[0].sources[i].estimate + layers[1].sources[i].estimate) / 2);
    }
    const std::array different{layers[0],
                               Simulated({1, 3, 4, 1}, 3, every_source, generator).decomposition()};
    EXPECT_TRUE(average_of(different).sources.empty());
}

} // namespace
