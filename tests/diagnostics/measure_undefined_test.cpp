/// The measurements of a batch of which samples, or all of it, are undefined.
#include "diagnostics/measure.hpp"
#include "tests/diagnostics/batch_problem.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"

#include <bit>
#include <cstdint>
#include <limits>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

TEST(MeasureBatch, AnErrorThatVanishesLeavesItsSampleUndefinedAndTheOthersAlone)
{
    BatchProblem problem;
    problem.labels = problem.network.forward(problem.inputs).logits.argmax(1);
    problem.network.head = problem.network.head * 1e5;
    const auto result = problem.measured();
    const auto error_norm = result.measured.error_norm;
    ASSERT_TRUE((error_norm == 0).any().item<bool>());
    for (std::int64_t i = 0; i < samples; ++i)
        if (entry(error_norm, i) == 0) {
            EXPECT_TRUE(result.measured.gamma_train[i].isnan().all().item<bool>());
            EXPECT_TENSOR_NEAR(result.measured.gradient_norm[i], vector({0, 0, 0}), 0);
            EXPECT_TENSOR_NEAR(result.measured.clamped_new[i], vector({0, 0, 0}), 0);
            EXPECT_TRUE(result.gamma_inputs.input[i].eq(0).all().item<bool>());
        }
}

TEST(MeasureBatch, OfADivergedNetworkIsOneCanonicalNan)
{
    BatchProblem problem;
    problem.network.embed[0][0] = std::bit_cast<double>(std::uint64_t{0xfff8000000abcdef});
    const auto result = problem.measured();
    for (const auto& tensor : all_of(result.measured)) {
        ASSERT_TRUE(tensor.is_contiguous());
        ASSERT_EQ(tensor.scalar_type(), at::kDouble);
        for (std::int64_t k = 0; k < tensor.numel(); ++k)
            EXPECT_EQ(std::bit_cast<std::uint64_t>(tensor.data_ptr<double>()[k]), 0x7ff8000000000000U);
    }
    for (const auto& tensor : result.gamma_inputs.reference)
        for (std::int64_t k = 0; k < tensor.numel(); ++k)
            EXPECT_EQ(std::bit_cast<std::uint32_t>(tensor.data_ptr<float>()[k]), 0x7fc00000U);
}

TEST(MeasureBatch, OneNanSampleLeavesTheOthersRows)
{
    BatchProblem problem;
    const auto fine = problem.measured().measured;
    problem.inputs[1][0] = std::numeric_limits<double>::quiet_NaN();
    const auto m = problem.measured().measured;
    EXPECT_TRUE(m.gamma_train[1].isnan().all().item<bool>());
    EXPECT_TRUE(m.fp16_lost[1].isnan().all().item<bool>());
    EXPECT_TENSOR_NEAR(m.gamma_train.narrow(0, 2, 4), fine.gamma_train.narrow(0, 2, 4), 1e-15);
    EXPECT_TENSOR_NEAR(m.float32_gamma.narrow(0, 2, 4), fine.float32_gamma.narrow(0, 2, 4), 1e-6);
    EXPECT_TRUE(m.flat_train.isnan().all().item<bool>());
    EXPECT_TRUE(m.batchvec_train.isnan().all().item<bool>());
    EXPECT_TRUE(m.mean_direction[0].isnan().all().item<bool>());
    EXPECT_FALSE(m.centered_train[2].isnan().any().item<bool>());
}

} // namespace
} // namespace fa::diagnostics
