#include "models/checkpoint.hpp"
#include "tests/models/small_resmlp.hpp"

#include <gmock/gmock.h>

namespace fa::models {
namespace {

using ::testing::HasSubstr;

Checkpoint with_feedback(std::vector<std::int64_t> layers)
{
    Checkpoint checkpoint;
    for (const auto l : layers)
        checkpoint.tensors.emplace("feedback." + std::to_string(l),
                                   at::full({4, 3}, 0.1 + static_cast<double>(l), at::kFloat));
    return checkpoint;
}

std::string refusal(const Checkpoint& checkpoint)
{
    return fa::testing::message_of<CheckpointError>(
        [&] { stored_feedback(checkpoint, {{4, 3}, {4, 3}, {4, 3}}); });
}

TEST(StoredFeedback, ComesInLayerOrderAsDoubles)
{
    const auto matrices = stored_feedback(with_feedback({2, 0, 1}), {{4, 3}, {4, 3}, {4, 3}});
    ASSERT_EQ(matrices.size(), 3U);
    for (std::size_t l = 0; l < 3; ++l) {
        EXPECT_EQ(matrices[l].scalar_type(), at::kDouble);
        EXPECT_EQ(matrices[l][0][0].item<double>(),
                  static_cast<double>(static_cast<float>(0.1 + static_cast<double>(l))));
    }
}

TEST(StoredFeedback, IsEmptyWhereTheCheckpointHasNone)
{
    EXPECT_TRUE(stored_feedback(Checkpoint{}, {{4, 3}, {4, 3}, {4, 3}}).empty());
}

TEST(StoredFeedback, OfSomeLayersOnlyNamesTheMissingOnes)
{
    EXPECT_THAT(refusal(with_feedback({1})), HasSubstr("missing: feedback.0, feedback.2"));
}

TEST(StoredFeedback, OfALayerBeyondTheLastIsRefused)
{
    EXPECT_THAT(refusal(with_feedback({0, 1, 2, 3})),
                HasSubstr("'feedback.3' is no feedback matrix of this network"));
}

TEST(StoredFeedback, OfAnotherShapeIsRefused)
{
    auto checkpoint = with_feedback({0, 1, 2});
    checkpoint.tensors["feedback.1"] = at::zeros({3, 4}, at::kFloat);
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'feedback.1' has shape [3, 4] where [4, 3] was expected"));
}

TEST(StoredFeedback, OfIntegersIsRefused)
{
    auto checkpoint = with_feedback({0, 1, 2});
    checkpoint.tensors["feedback.1"] = at::zeros({4, 3}, at::kLong);
    EXPECT_THAT(refusal(checkpoint), HasSubstr("where a floating type was expected"));
}

} // namespace
} // namespace fa::models
