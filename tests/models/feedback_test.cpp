#include "models/checkpoint.hpp"
#include "tests/models/small_resmlp.hpp"

#include <gmock/gmock.h>

namespace fa::models {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

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

/// [3, 4] matrices with entries 0 … 11 in the order they are stored.
Checkpoint with_turned_feedback()
{
    Checkpoint checkpoint;
    for (const auto* name : {"feedback.0", "feedback.1", "feedback.2"})
        checkpoint.tensors.emplace(name, at::arange(12, at::kFloat).reshape({3, 4}));
    return checkpoint;
}

TEST(StoredFeedback, MayBeStoredAsClassesByWidth)
{
    for (const auto& matrix : stored_feedback(with_turned_feedback(), {{4, 3}, {4, 3}, {4, 3}})) {
        ASSERT_EQ(matrix.sizes(), (std::vector<std::int64_t>{4, 3}));
        EXPECT_TRUE(matrix.is_contiguous());
        EXPECT_EQ(matrix[3][1].item<double>(), 7.0) << "row 1, column 3 as stored";
    }
}

TEST(StoredFeedback, SquareMatricesGoAsTheOthersTell)
{
    auto checkpoint = with_turned_feedback();
    const auto square = at::arange(9, at::kFloat).reshape({3, 3});
    checkpoint.tensors["feedback.1"] = square;
    EXPECT_TRUE(stored_feedback(checkpoint, {{4, 3}, {3, 3}, {4, 3}})[1].equal(square.t().to(at::kDouble)));
    checkpoint.tensors["feedback.0"] = checkpoint.tensors["feedback.2"] = at::zeros({4, 3}, at::kFloat);
    EXPECT_TRUE(stored_feedback(checkpoint, {{4, 3}, {3, 3}, {4, 3}})[1].equal(square.to(at::kDouble)));
    checkpoint.tensors["feedback.0"] = checkpoint.tensors["feedback.2"] = square;
    EXPECT_TRUE(stored_feedback(checkpoint, {{3, 3}, {3, 3}, {3, 3}})[1].equal(square.to(at::kDouble)))
        << "as stored";
}

TEST(StoredFeedback, InBothOrientationsIsRefused)
{
    auto checkpoint = with_turned_feedback();
    checkpoint.tensors["feedback.1"] = at::zeros({4, 3}, at::kFloat);
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("'feedback.0' has shape [3, 4] where [4, 3] was expected, as other "
                          "layers have it"));
}

TEST(NameFeedback, CallsWhatFitsThePatternByItsLayer)
{
    Checkpoint checkpoint;
    for (const auto* name : {"blocks.0.B", "blocks.1.B", "blocks.0.weight"})
        checkpoint.tensors.emplace(name, at::zeros({1}));
    auto shifted = checkpoint;
    name_feedback(checkpoint, "blocks.{l}.B");
    EXPECT_THAT(checkpoint.tensors,
                ElementsAre(Pair("blocks.0.weight", _), Pair("feedback.0", _), Pair("feedback.1", _)));
    name_feedback(shifted, "blocks.{l-1}.B");
    EXPECT_THAT(shifted.tensors,
                ElementsAre(Pair("blocks.0.weight", _), Pair("feedback.1", _), Pair("feedback.2", _)));
    name_feedback(shifted, "");
    EXPECT_EQ(shifted.tensors.size(), 3U);
}

TEST(NameFeedback, PassesOverTheMatrixOfTheInput)
{
    Checkpoint checkpoint;
    for (const auto* name : {"fc.0.weight_fa", "fc.1.weight_fa", "fc.2.weight_fa"})
        checkpoint.tensors.emplace(name, at::zeros({1}));
    name_feedback(checkpoint, "fc.{l+1}.weight_fa");
    EXPECT_THAT(checkpoint.tensors, ElementsAre(Pair("feedback.0", _), Pair("feedback.1", _)));
}

TEST(NameFeedback, LooksBehindWhatWrappersPutBeforeNames)
{
    Checkpoint checkpoint;
    for (const auto* name : {"module._orig_mod.B.0", "module._orig_mod.B.1"})
        checkpoint.tensors.emplace(name, at::zeros({1}));
    name_feedback(checkpoint, "B.{l}");
    EXPECT_THAT(checkpoint.tensors, ElementsAre(Pair("feedback.0", _), Pair("feedback.1", _)));
}

TEST(NameFeedback, SaysWhatThereIsWhereThePatternFitsNothing)
{
    auto checkpoint = with_feedback({0, 1});
    EXPECT_THAT(fa::testing::message_of<CheckpointError>([&] { name_feedback(checkpoint, "b{l}"); }),
                HasSubstr("('feedback.0', 'feedback.1'); elsewhere in the file it is feedback=FILE:b{l}"));
}

TEST(NameFeedback, RefusesAPatternThatFitsNothingOrMeetsANameThatIsThere)
{
    auto checkpoint = with_feedback({0, 1});
    EXPECT_THAT(fa::testing::message_of<CheckpointError>([&] { name_feedback(checkpoint, "b{l}"); }),
                HasSubstr("stored:b{l}: no tensor"));
    checkpoint = with_feedback({0, 1});
    checkpoint.tensors.emplace("b0", at::zeros({4, 3}));
    EXPECT_THAT(fa::testing::message_of<CheckpointError>([&] { name_feedback(checkpoint, "b{l}"); }),
                HasSubstr("second one called 'feedback.0'"));
}

TEST(StoredFeedback, IsEmptyWhereTheCheckpointHasNone)
{
    EXPECT_TRUE(stored_feedback(Checkpoint{}, {{4, 3}, {4, 3}, {4, 3}}).empty());
}

TEST(StoredFeedback, OfSomeLayersOnlyIsNone)
{
    EXPECT_TRUE(stored_feedback(with_feedback({1}), {{4, 3}, {4, 3}, {4, 3}}).empty());
    EXPECT_THAT(missing_feedback(with_feedback({1}), 3), ElementsAre(0U, 2U));
    EXPECT_THAT(missing_feedback(with_feedback({0, 1, 2}), 3), ElementsAre());
    EXPECT_THAT(missing_feedback(Checkpoint{}, 3), ElementsAre()) << "nothing is missing where there is none";
    CheckpointHeader header;
    header.shapes = {{"feedback.2", {4, 3}}, {"head.weight", {3, 4}}};
    EXPECT_THAT(missing_feedback(header, 3), ElementsAre(0U, 1U));
}

TEST(StoredFeedback, OfSomeLayersOnlyIsCheckedAllTheSame)
{
    auto checkpoint = with_feedback({0, 2});
    checkpoint.tensors["feedback.2"] = at::zeros({4, 5}, at::kFloat);
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'feedback.2' has shape [4, 5] where [4, 3] was expected"));
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
