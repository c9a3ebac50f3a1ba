#include "models/network.hpp"
#include "tests/support/expect_tensor.hpp"

#include <stdexcept>

namespace fa::models {
namespace {

at::Tensor counted(at::IntArrayRef shape)
{
    return at::arange(2 * 3 * 4 * 5, at::TensorOptions(at::kDouble)).reshape(shape);
}

TEST(SampleRows, OfVectorsAreTheVectors)
{
    EXPECT_TRUE(sample_rows(counted({2, 60})).equal(counted({2, 60})));
}

TEST(SampleRows, OfTokensAreTheFirstTokens)
{
    const auto rows = sample_rows(counted({2, 3, 20}));
    EXPECT_EQ(rows.sizes(), at::IntArrayRef({2, 20}));
    EXPECT_EQ(rows[1][0].item<double>(), 60);
    EXPECT_EQ(rows[1][19].item<double>(), 79);
}

TEST(SampleRows, OfConvolutionalStatesAreFlattened)
{
    EXPECT_TRUE(sample_rows(counted({2, 3, 4, 5})).equal(counted({2, 60})));
}

TEST(SampleRows, OfScalarsAreRefused)
{
    EXPECT_THROW(sample_rows(counted({120})), std::invalid_argument);
}

} // namespace
} // namespace fa::models
