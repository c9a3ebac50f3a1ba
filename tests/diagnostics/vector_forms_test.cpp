#include "diagnostics/vector_forms.hpp"

#include "diagnostics/gamma.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/two_block_network.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t samples = 6, layers = 3, width = 5;

/// One matrix of vectors a layer; the samples' lengths run from 1e-65 to 1e+20.
std::vector<at::Tensor> table(double phase)
{
    std::vector<at::Tensor> result;
    for (std::int64_t layer = 0; layer < layers; ++layer)
        result.push_back(TwoBlockNetwork::entries({samples, width}, 1.0, phase + static_cast<double>(layer)) *
                         vector({1e-65, 1e-22, 1e-5, 1, 1e+5, 1e+20}).unsqueeze(1));
    return result;
}

struct Table {
    std::vector<at::Tensor> a = table(0.3);
    std::vector<at::Tensor> g = table(4.4);

    at::Tensor combined(std::int64_t axis) const
    {
        std::vector<at::Tensor> cosines, a_norms, g_norms;
        for (std::size_t layer = 0; layer < layers; ++layer) {
            cosines.push_back(gamma(sample_vectors(a[layer]), sample_vectors(g[layer])));
            a_norms.push_back(sample_vectors(a[layer]).norm);
            g_norms.push_back(sample_vectors(g[layer]).norm);
        }
        return combined_cosine(at::stack(cosines, 1), at::stack(a_norms, 1), at::stack(g_norms, 1), axis);
    }
};

TEST(Batchvec, IsTheCosineOfTheSums)
{
    const Table t;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        const auto expected = cosine(t.a[layer].sum(0, true), t.g[layer].sum(0, true), 0);
        EXPECT_NEAR(batchvec(sample_vectors(t.a[layer]), sample_vectors(t.g[layer])).item<double>(), expected,
                    1e-14);
    }
}

TEST(Batchvec, DoesNotDependOnTheScale)
{
    const auto a = TwoBlockNetwork::entries({samples, width}, 1.0, 0.2);
    const auto g = TwoBlockNetwork::entries({samples, width}, 1.0, 2.2);
    const double plain = cosine(a.sum(0, true), g.sum(0, true), 0);
    EXPECT_NEAR(batchvec(sample_vectors(a * 1e-250), sample_vectors(g * 1e-200)).item<double>(), plain,
                1e-14);
}

TEST(Batchvec, ZeroVectorsAddNothing)
{
    const auto a = rows({{1, 2}, {0, 0}, {3, -1}});
    const auto g = rows({{0, 0}, {2, 2}, {1, 0}});
    EXPECT_NEAR(batchvec(sample_vectors(a), sample_vectors(g)).item<double>(),
                (4 * 3 + 1 * 2) / std::sqrt(17.0 * 13.0), 1e-15);
}

TEST(Batchvec, IsUndefinedForOneNonFiniteVectorOrAVanishingSum)
{
    const auto fine = rows({{1, 2}, {3, -1}});
    for (const double bad : {nan, std::numeric_limits<double>::infinity()})
        EXPECT_TRUE(std::isnan(
            batchvec(sample_vectors(fine), sample_vectors(rows({{1, bad}, {1, 0}}))).item<double>()));
    EXPECT_TRUE(
        std::isnan(batchvec(sample_vectors(fine), sample_vectors(rows({{1, 2}, {-1, -2}}))).item<double>()));
}

TEST(MeanDirection, IsAUnitVectorAlongTheSumOfRawVectors)
{
    EXPECT_TENSOR_NEAR(mean_direction(sample_vectors(rows({{1, 0}, {0, 10}, {2, -6}}))), vector({0.6, 0.8}),
                       1e-15);
}

TEST(Flat, IsTheCosineOfTheWholeBatch)
{
    const Table t;
    const auto flat = t.combined(0);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const auto& a = t.a[static_cast<std::size_t>(layer)];
        const auto& g = t.g[static_cast<std::size_t>(layer)];
        EXPECT_NEAR(entry(flat, layer), cosine(a.reshape({1, -1}), g.reshape({1, -1}), 0), 1e-14);
    }
}

TEST(Concat, IsTheCosineOfTheLayersConcatenated)
{
    const Table t;
    const auto concat = t.combined(1);
    for (std::int64_t i = 0; i < samples; ++i)
        EXPECT_NEAR(entry(concat, i), cosine(at::cat(t.a, 1), at::cat(t.g, 1), i), 1e-14);
}

TEST(Concat, ZeroVectorsAddNothingAndAllZeroIsUndefined)
{
    Table t;
    t.g[1][2].fill_(0.0);
    t.a[0][2].fill_(0.0);
    EXPECT_NEAR(entry(t.combined(1), 2), cosine(at::cat(t.a, 1), at::cat(t.g, 1), 2), 1e-14);
    EXPECT_NEAR(entry(t.combined(0), 1), cosine(t.a[1].reshape({1, -1}), t.g[1].reshape({1, -1}), 0), 1e-14);
    t.g[0][2].fill_(0.0);
    t.g[2][2].fill_(0.0);
    EXPECT_TRUE(std::isnan(entry(t.combined(1), 2)));
}

TEST(Concat, IsUndefinedWhereAVectorIsNotFinite)
{
    Table t;
    t.g[1][2][0] = nan;
    t.a[1][2].fill_(0.0);
    const auto concat = t.combined(1);
    EXPECT_TRUE(std::isnan(entry(concat, 2)));
    EXPECT_FALSE(std::isnan(entry(concat, 3)));
    const auto flat = t.combined(0);
    EXPECT_TRUE(std::isnan(entry(flat, 1)));
    EXPECT_FALSE(std::isnan(entry(flat, 0)));
}

} // namespace
} // namespace fa::diagnostics
