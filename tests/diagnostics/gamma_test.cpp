#include "diagnostics/gamma.hpp"

#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/two_block_network.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

const auto credit = TwoBlockNetwork::entries({6, 9}, 1.0, 0.4);
const auto reference = TwoBlockNetwork::entries({6, 9}, 1.0, 5.1);

at::Tensor gamma_of(const at::Tensor& a, const at::Tensor& g)
{
    return gamma(sample_vectors(a), sample_vectors(g));
}

TEST(Gamma, IsTheCosineOfEachSample)
{
    const auto result = gamma_of(credit, reference);
    for (std::int64_t i = 0; i < 6; ++i)
        EXPECT_NEAR(entry(result, i), cosine(credit, reference, i), 1e-15);
}

TEST(Gamma, IsInvariantToScalesFarBelowAnyEps)
{
    EXPECT_TENSOR_NEAR(gamma_of(credit * 1e-250, reference * 1e-200), gamma_of(credit, reference), 1e-15);
    EXPECT_TENSOR_NEAR(gamma_of(credit * 1e+250, reference * 1e+200), gamma_of(credit, reference), 1e-15);
}

TEST(Gamma, IsUndefinedWhereAVectorIsZeroOrNotFinite)
{
    const auto a = rows({{1, 0}, {0, 0}, {1, 1}, {infinity, 0}});
    const auto g = rows({{0, 0}, {1, 0}, {nan, 1}, {1, 0}});
    EXPECT_TENSOR_NEAR(gamma_of(a, g), vector({nan, nan, nan, nan}), 0);
}

TEST(CenteredGamma, TakesTheBatchMeanOut)
{
    auto mean = at::zeros({1, 9}, at::TensorOptions(at::kDouble));
    for (std::int64_t i = 0; i < 6; ++i)
        mean += reference.narrow(0, i, 1) / 6;
    const auto result = centered_gamma(sample_vectors(credit), sample_vectors(reference));
    for (std::int64_t i = 0; i < 6; ++i)
        EXPECT_NEAR(entry(result, i), cosine(credit, reference - mean, i), 1e-14);
}

TEST(CenteredGamma, WeighsRawGradientsNotUnitOnes)
{
    // The second gradient is ten times as long: the mean is (0.5, 5).
    const auto a = rows({{1, 0}, {0, 1}});
    const auto result = centered_gamma(sample_vectors(a), sample_vectors(rows({{1, 0}, {0, 10}})));
    EXPECT_TENSOR_NEAR(result, vector({0.5 / std::sqrt(25.25), 5 / std::sqrt(25.25)}), 1e-15);
}

TEST(CenteredGamma, MeansOverTheDefinedSamplesOnly)
{
    const auto a = rows({{1, 0}, {1, 0}, {1, 0}, {0, 1}});
    const auto g = rows({{1, 0}, {0, 0}, {nan, 0}, {0, 1}}); // the mean is (0.5, 0.5)
    EXPECT_TENSOR_NEAR(centered_gamma(sample_vectors(a), sample_vectors(g)),
                       vector({std::sqrt(0.5), nan, nan, std::sqrt(0.5)}), 1e-15);
}

TEST(CenteredGamma, IsUndefinedWhereNothingIsLeft)
{
    const auto same = rows({{1, 2}, {1, 2}});
    EXPECT_TENSOR_NEAR(centered_gamma(sample_vectors(same), sample_vectors(same * 0.5)), vector({nan, nan}),
                       0);
    const auto none = rows({{0, 0}, {nan, 1}});
    EXPECT_TENSOR_NEAR(centered_gamma(sample_vectors(same), sample_vectors(none)), vector({nan, nan}), 0);
}

TEST(CenteredGamma, SurvivesTheSmallestErrors)
{
    EXPECT_TENSOR_NEAR(centered_gamma(sample_vectors(credit), sample_vectors(reference * 1e-250)),
                       centered_gamma(sample_vectors(credit), sample_vectors(reference)), 1e-14);
}

} // namespace
} // namespace fa::diagnostics
