#include "diagnostics/normal.hpp"
#include "diagnostics/random_kernel.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using namespace fa::random;

namespace {

std::vector<double> normals(const Stream& stream, std::size_t count, std::uint64_t first = 0)
{
    std::vector<double> out(count);
    fill_normal(stream, first, out);
    return out;
}

double mean_power(const std::vector<double>& values, int power)
{
    double sum = 0.0;
    for (const double value : values)
        sum += std::pow(value, power);
    return sum / static_cast<double>(values.size());
}

/// Kolmogorov's √n·max|F_n − F|; above 1.95 with probability 0.001.
double kolmogorov(std::vector<double> values, const std::function<double(double)>& distribution)
{
    std::sort(values.begin(), values.end());
    const auto n = static_cast<double>(values.size());
    double largest = 0.0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double expected = distribution(values[k]);
        largest = std::max(
            {largest, expected - static_cast<double>(k) / n, static_cast<double>(k + 1) / n - expected});
    }
    return std::sqrt(n) * largest;
}

double normal_distribution(double x)
{
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

/// Correlation of two streams' normals, times √n: standard normal where they are independent.
double correlation(const Stream& a, const Stream& b, std::uint64_t lag = 0)
{
    const std::size_t count = 1 << 18;
    const auto x = normals(a, count), y = normals(b, count, lag);
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0) / std::sqrt(static_cast<double>(count));
}

constexpr Stream stream{.seed = 0x0123456789abcdef, .purpose = Purpose::fresh, .draw = 3, .layer = 2};

} // namespace

TEST(RandomWords, AreThoseOfPhilox)
{
    std::vector<std::uint32_t> words(4000);
    fill_words(stream, 0, words);
    for (std::uint32_t block = 0; block < 1000; ++block) {
        const auto expected = philox(stream.seed, stream.purpose, stream.draw, stream.layer, block);
        for (std::size_t j = 0; j < 4; ++j)
            ASSERT_EQ(words[4 * block + j], expected[j]) << "block " << block;
    }
}

TEST(RandomWords, AreTheSameInFewAndInMany)
{
    std::vector<std::uint32_t> many(1000);
    fill_words(stream, 0, many);
    for (const std::size_t first : {0U, 1U, 4U, 250U, 256U, 900U}) {
        for (std::size_t count = 0; count <= 100; ++count) {
            std::vector<std::uint32_t> few(count);
            fill_words(stream, first, few);
            ASSERT_TRUE(std::equal(few.begin(), few.end(), many.begin() + static_cast<std::ptrdiff_t>(first)))
                << count << " from " << first;
        }
    }
}

TEST(RandomWords, ReachTheLastBlockAndNoFurther)
{
    std::vector<std::uint32_t> last(3);
    fill_words(stream, stream_length - 3, last);
    const auto expected = philox(stream.seed, stream.purpose, stream.draw, stream.layer, 0xffffffff);
    EXPECT_THAT(last, testing::ElementsAre(expected[1], expected[2], expected[3]));
    EXPECT_THROW(fill_words(stream, stream_length - 2, last), std::out_of_range);
}

/// Every loop of every instruction set against the baseline's, in bits.
class InstructionSets : public testing::TestWithParam<InstructionSet> {
  protected:
    template <typename Element, typename Run>
    void expect_equal(const Run& run)
    {
        for (std::uint32_t first : {0U, 1U, 1000U, 0xffffffe0U}) {
            const ChunkKey key{
                .key = {0xdeadbeef, 17 * first}, .first_block = first, .layer = 7, .draw = 9, .purpose = 1};
            std::vector<Element> expected(chunk_elements), actual(chunk_elements);
            run(kernel_for(InstructionSet::baseline), key, expected.data());
            run(kernel_for(GetParam()), key, actual.data());
            EXPECT_EQ(actual, expected);
        }
    }
};

TEST_P(InstructionSets, GiveTheSameWords)
{
    expect_equal<std::uint32_t>(
        [](const Kernel& kernel, const ChunkKey& key, auto* out) { kernel.words(key, out); });
}

TEST_P(InstructionSets, GiveTheSameNormals)
{
    expect_equal<double>(
        [](const Kernel& kernel, const ChunkKey& key, auto* out) { kernel.normals(key, out); });
    expect_equal<float>(
        [](const Kernel& kernel, const ChunkKey& key, auto* out) { kernel.scaled_normals(key, 0.3, out); });
}

TEST_P(InstructionSets, GiveTheSameUniformsAndSigns)
{
    expect_equal<float>(
        [](const Kernel& kernel, const ChunkKey& key, auto* out) { kernel.uniforms(key, 0.3, out); });
    expect_equal<float>(
        [](const Kernel& kernel, const ChunkKey& key, auto* out) { kernel.rademachers(key, 0.3, out); });
}

INSTANTIATE_TEST_SUITE_P(All, InstructionSets,
                         testing::ValuesIn(supported_instruction_sets().begin(),
                                           supported_instruction_sets().end()),
                         [](const auto& set) { return std::to_string(static_cast<int>(set.param)); });

TEST(Normals, AreBoxAndMullersOfTheirWords)
{
    const auto values = normals(stream, 400'000);
    for (std::size_t e = 0; e < values.size(); e += 2) {
        const auto words =
            philox(stream.seed, stream.purpose, stream.draw, stream.layer, static_cast<std::uint32_t>(e / 4));
        const long double length =
            std::sqrt(-2.0L * std::log(static_cast<long double>(uniform01(words[e % 4]))));
        const long double angle = 2.0L * std::numbers::pi_v<long double> * uniform01(words[e % 4 + 1]);
        ASSERT_NEAR(values[e], static_cast<double>(length * std::cos(angle)), 1e-13) << "element " << e;
        ASSERT_NEAR(values[e + 1], static_cast<double>(length * std::sin(angle)), 1e-13)
            << "element " << e + 1;
    }
}

// From draws_reference.py --pin: Python integers and doubles, nothing of this library.
TEST(Normals, StartWithThePinnedBits)
{
    EXPECT_THAT(normals({.seed = 42, .purpose = Purpose::fresh, .draw = 5, .layer = 3}, 8),
                testing::ElementsAre(-0x1.22de54f63f50fp+1, 0x1.70ae36631af1dp+0, 0x1.e6dcd0c3f725bp-3,
                                     0x1.172943e2235abp-4, 0x1.85995e3aa0fd8p-1, -0x1.0914c5e487c46p-1,
                                     0x1.2a5deae5e8796p-1, 0x1.6a9cb5a892becp+0));
}

TEST(Normals, DoNotDependOnTheRangeTheyAreAskedIn)
{
    std::vector<float> whole(3000);
    fill_normal(stream, 0, 0.7, whole);
    for (const std::size_t first : {0, 1, 2, 3, 4, 255, 256, 257, 1001})
        for (const std::size_t count : {1, 2, 5, 255, 256, 257, 1500}) {
            std::vector<float> part(count);
            fill_normal(stream, first, 0.7, part);
            ASSERT_TRUE(
                std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)))
                << count << " elements from " << first;
        }
}

TEST(Normals, AreScaledInDoubleAndRoundedOnce)
{
    const auto exact = normals(stream, 1000);
    std::vector<float> scaled(1000);
    fill_normal(stream, 0, 0.1, scaled);
    for (std::size_t e = 0; e < exact.size(); ++e)
        ASSERT_EQ(scaled[e], static_cast<float>(exact[e] * 0.1));
}

TEST(Normals, HaveTheMomentsOfTheStandardNormal)
{
    const auto values = normals(stream, 1 << 20);
    const double root = std::sqrt(static_cast<double>(values.size()));
    // Four standard errors; the variance of xᵏ is E x²ᵏ − (E xᵏ)².
    EXPECT_NEAR(mean_power(values, 1), 0.0, 4.0 / root);
    EXPECT_NEAR(mean_power(values, 2), 1.0, 4.0 * std::sqrt(2.0) / root);
    EXPECT_NEAR(mean_power(values, 3), 0.0, 4.0 * std::sqrt(15.0) / root);
    EXPECT_NEAR(mean_power(values, 4), 3.0, 4.0 * std::sqrt(96.0) / root);
}

TEST(Normals, PassKolmogorovAndSmirnovsTestInEveryStream)
{
    for (std::uint32_t draw = 0; draw < 4; ++draw)
        for (std::uint32_t layer = 0; layer < 3; ++layer)
            EXPECT_LT(kolmogorov(normals({.seed = 1, .purpose = Purpose::fresh, .draw = draw, .layer = layer},
                                         1 << 16),
                                 normal_distribution),
                      1.95)
                << "draw " << draw << ", layer " << layer;
}

TEST(Normals, ReachFarIntoTheTails)
{
    const auto values = normals(stream, 1 << 22);
    const auto beyond = [&](double bound) {
        return static_cast<double>(
            std::count_if(values.begin(), values.end(), [&](double x) { return x > bound; }));
    };
    for (const double bound : {3.0, 4.0, -4.0}) {
        const double expected = static_cast<double>(values.size()) * normal_distribution(-bound);
        EXPECT_NEAR(beyond(bound), expected, 4.0 * std::sqrt(expected)) << bound;
    }
}

TEST(Normals, AreUncorrelatedAcrossDrawsLayersSeedsAndPurposes)
{
    for (const Stream& other : {Stream{stream.seed, stream.purpose, stream.draw + 1, stream.layer},
                                Stream{stream.seed, stream.purpose, stream.draw, stream.layer + 1},
                                Stream{stream.seed + 1, stream.purpose, stream.draw, stream.layer},
                                Stream{stream.seed ^ (1ULL << 40), stream.purpose, stream.draw, stream.layer},
                                Stream{stream.seed, Purpose::training, stream.draw, stream.layer},
                                Stream{stream.seed, stream.purpose, stream.layer, stream.draw}})
        EXPECT_LT(std::abs(correlation(stream, other)), 4.0)
            << other.seed << ' ' << other.purpose << ' ' << other.draw << ' ' << other.layer;
}

TEST(Normals, AreUncorrelatedWithTheirNeighbours)
{
    for (const std::uint64_t lag : {1, 2, 3, 4, 10, 256})
        EXPECT_LT(std::abs(correlation(stream, stream, lag)), 4.0) << "lag " << lag;
}

TEST(Uniforms, FillTheIntervalOfTheirStandardDeviation)
{
    std::vector<float> values(1 << 18);
    fill_uniform(stream, 0, 2.0, values);
    const double half_width = 2.0 * std::sqrt(3.0);
    EXPECT_LT(kolmogorov(std::vector<double>(values.begin(), values.end()),
                         [&](double x) { return std::clamp(0.5 + 0.5 * x / half_width, 0.0, 1.0); }),
              1.95);
}

TEST(Uniforms, TakeOneWordForAnElement)
{
    std::vector<float> values(1000);
    fill_uniform(stream, 5, 0.5, values);
    for (std::uint64_t k = 0; k < values.size(); ++k) {
        const std::uint64_t e = 5 + k;
        const auto words =
            philox(stream.seed, stream.purpose, stream.draw, stream.layer, static_cast<std::uint32_t>(e / 4));
        ASSERT_FLOAT_EQ(values[k],
                        static_cast<float>((2.0 * uniform01(words[e % 4]) - 1.0) * std::sqrt(3.0) * 0.5));
    }
}

TEST(Rademachers, TakeTheLowestBitOfTheirWord)
{
    std::vector<float> values(1000);
    fill_rademacher(stream, 0, 0.25, values);
    for (std::size_t e = 0; e < values.size(); ++e) {
        const auto words =
            philox(stream.seed, stream.purpose, stream.draw, stream.layer, static_cast<std::uint32_t>(e / 4));
        ASSERT_EQ(values[e], (words[e % 4] & 1U) != 0 ? 0.25F : -0.25F);
    }
}

TEST(Rademachers, AreAsOftenPositiveAsNegative)
{
    std::vector<float> values(1 << 20);
    fill_rademacher(stream, 0, 1.0, values);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    EXPECT_LT(std::abs(sum), 4.0 * std::sqrt(static_cast<double>(values.size())));
}
