#include "diagnostics/training_feedback.hpp"

#include "diagnostics/feedback_rule.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

using namespace fa;
using diagnostics::feedback_sha256;
using diagnostics::seeded_feedback;
using diagnostics::torch_feedback;
using diagnostics::training_feedback;
using jobs::Distribution;
using models::Checkpoint;
using models::CheckpointError;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const std::vector<std::int64_t> widths = {6, 4, 4};
constexpr std::int64_t classes = 3;
const std::vector<models::MatrixShape> shapes = {{6, 3}, {4, 3}, {4, 3}};

std::vector<at::Tensor> some_matrices()
{
    std::vector<at::Tensor> matrices;
    for (const auto width : widths)
        matrices.push_back((at::arange(width * classes, at::kFloat) - 5.5).view({width, classes}));
    return matrices;
}

Checkpoint storing(const std::vector<at::Tensor>& matrices)
{
    Checkpoint checkpoint;
    for (std::size_t layer = 0; layer < matrices.size(); ++layer)
        checkpoint.tensors.emplace(std::string("feedback.").append(std::to_string(layer)), matrices[layer]);
    return checkpoint;
}

jobs::RunSpec run_with(jobs::FeedbackSource source)
{
    jobs::RunSpec spec;
    spec.feedback = std::move(source);
    return spec;
}

const jobs::SeededFeedback ours{jobs::SeededFeedback::Generator::ours, 7};
const jobs::SeededFeedback torchs{jobs::SeededFeedback::Generator::torch_cpu, 7};
const jobs::FileFeedback file{"other.safetensors"};

std::string error_of(const jobs::RunSpec& spec, const Checkpoint& checkpoint,
                     const Checkpoint* other = nullptr)
{
    try {
        training_feedback(spec, checkpoint, other, shapes);
    } catch (const CheckpointError& error) {
        return error.what();
    }
    return "no error";
}

} // namespace

TEST(StoredFeedback, IsTheCheckpointsInDouble)
{
    const auto found =
        training_feedback(run_with(jobs::StoredFeedback{}), storing(some_matrices()), nullptr, shapes);
    ASSERT_EQ(found.matrices.size(), 3U);
    for (std::size_t layer = 0; layer < 3; ++layer)
        EXPECT_TRUE(at::equal(found.matrices[layer], some_matrices()[layer].to(at::kDouble)));
    EXPECT_TRUE(found.verified);
    EXPECT_THAT(found.reason, IsEmpty());
    EXPECT_EQ(found.sha256, feedback_sha256(some_matrices()));
    EXPECT_EQ(found.distribution, Distribution::normal);
}

TEST(StoredFeedback, MissingIsNoErrorButAReason)
{
    Checkpoint checkpoint;
    checkpoint.metadata["feedback_seed"] = "42";
    const auto found = training_feedback(run_with(jobs::StoredFeedback{}), checkpoint, nullptr, shapes);
    EXPECT_THAT(found.matrices, IsEmpty());
    EXPECT_THAT(found.sha256, IsEmpty());
    EXPECT_FALSE(found.verified);
    EXPECT_THAT(found.reason, AllOf(HasSubstr("stores no feedback"), HasSubstr("feedback=seed:42")));
    EXPECT_THAT(found.scale, testing::Each(1.0 / std::sqrt(3.0)));
}

TEST(StoredFeedback, ThatContradictsItsRecordedHashIsAnErrorNamingBoth)
{
    auto checkpoint = storing(some_matrices());
    checkpoint.metadata["feedback_sha256"] = feedback_sha256(some_matrices());
    EXPECT_EQ(error_of(run_with(jobs::StoredFeedback{}), checkpoint), "no error");
    checkpoint.metadata["feedback_sha256"] = std::string(64, '0');
    EXPECT_THAT(error_of(run_with(jobs::StoredFeedback{}), checkpoint),
                AllOf(HasSubstr(std::string(64, '0')), HasSubstr(feedback_sha256(some_matrices()))));
}

TEST(StoredFeedback, OfAnUnrecordedRuleIsAChainWhereTheFirstMatrixHasItsShape)
{
    const std::vector<models::MatrixShape> chain = {{6, 4}, {4, 4}, {4, 3}};
    auto spec = run_with(jobs::StoredFeedback{});
    spec.credit = jobs::Credit::fa_noskip;
    const auto of = [&](const Checkpoint& checkpoint) {
        return training_feedback(spec, checkpoint, nullptr, chain);
    };
    const std::vector<at::Tensor> links = {at::randn({6, 4}), at::randn({4, 4}), at::randn({4, 3})};
    EXPECT_EQ(of(storing(links)).sha256, feedback_sha256(links));
    const auto lying = of(storing({links[0].t(), links[1].t(), links[2].t()}));
    EXPECT_EQ(lying.sha256, feedback_sha256(links)) << "as a backward weight [outputs, inputs] is stored";
    const auto direct = of(storing(some_matrices()));
    EXPECT_THAT(direct.matrices, IsEmpty());
    EXPECT_THAT(direct.reason, HasSubstr("other feedback than that of credit=fa_noskip"));
    auto recorded = storing(links);
    recorded.metadata["credit"] = "dfa";
    EXPECT_THAT(of(recorded).matrices, IsEmpty()) << "a record counts more than shapes";
    EXPECT_THAT(of(Checkpoint{}).reason, HasSubstr("stores no feedback"));
}

TEST(StoredFeedback, OfSomeLayersOnlyIsUnknownForAReasonThatNamesTheOthers)
{
    auto checkpoint = storing(some_matrices());
    checkpoint.metadata["feedback_sha256"] = feedback_sha256(some_matrices());
    checkpoint.tensors.erase("feedback.0");
    auto found = training_feedback(run_with(jobs::StoredFeedback{}), checkpoint, nullptr, shapes);
    EXPECT_THAT(found.matrices, IsEmpty());
    EXPECT_EQ(found.reason, "the checkpoint stores no feedback matrix of layer 0, though of others");
    EXPECT_EQ(found.scale.size(), 3U) << "of the fresh draws";
    checkpoint.tensors.erase("feedback.2");
    found = training_feedback(run_with(file), {}, &checkpoint, shapes);
    EXPECT_THAT(found.matrices, IsEmpty());
    EXPECT_EQ(found.reason, "the file has no feedback matrices of layers 0, 2, though of others");
}

TEST(StoredFeedback, IsTurnedByItsSignAndHashedBefore)
{
    auto spec = run_with(jobs::StoredFeedback{});
    spec.feedback_sign = -1;
    const auto found = training_feedback(spec, storing(some_matrices()), nullptr, shapes);
    EXPECT_TRUE(at::equal(found.matrices[1], -some_matrices()[1].to(at::kDouble)));
    EXPECT_EQ(found.sha256, feedback_sha256(some_matrices()));
}

TEST(StoredFeedback, GivesFreshDrawsItsRootMeanSquareUnlessAScaleIsRecorded)
{
    auto checkpoint = storing({at::full({6, 3}, 2.0F), at::full({4, 3}, -0.5F), at::zeros({4, 3})});
    auto found = training_feedback(run_with(jobs::StoredFeedback{}), checkpoint, nullptr, shapes);
    EXPECT_THAT(found.scale, testing::ElementsAre(2.0, 0.5, 1.0 / std::sqrt(3.0)));
    checkpoint.metadata["feedback_std"] = "0.1,2e-3,7";
    found = training_feedback(run_with(jobs::StoredFeedback{}), checkpoint, nullptr, shapes);
    EXPECT_THAT(found.scale, testing::ElementsAre(0.1, 2e-3, 7.0));
}

TEST(StoredFeedback, SharedMayBeStoredOnce)
{
    auto spec = run_with(jobs::StoredFeedback{});
    spec.feedback_shared = true;
    const std::vector<models::MatrixShape> equal_shapes(3, {4, 3});
    const at::Tensor one = some_matrices()[1];
    const auto found = training_feedback(spec, storing({one}), nullptr, equal_shapes);
    for (const auto& matrix : found.matrices)
        EXPECT_TRUE(at::equal(matrix, one.to(at::kDouble)));
    EXPECT_EQ(found.matrices.size(), 3U);
    EXPECT_THROW(training_feedback(spec, storing({one, one, one + 1}), nullptr, equal_shapes),
                 CheckpointError);
}

TEST(FeedbackRecord, ThatCannotBeReadIsAnErrorNamingTheKey)
{
    for (const std::string text : {"", "0.1,0.2", "0.1,0.2,0.3,0.4", "0.1,x,0.3", "0.1,-2,0.3", "0.1,0,0.3",
                                   "0.1,nan,0.3", "0.1,0.2,", "0.1 ,0.2,0.3"}) {
        auto checkpoint = storing(some_matrices());
        checkpoint.metadata["feedback_std"] = text;
        EXPECT_THAT(error_of(run_with(jobs::StoredFeedback{}), checkpoint), HasSubstr("'feedback_std'"))
            << text;
    }
    auto checkpoint = storing(some_matrices());
    checkpoint.metadata["feedback_distribution"] = "gauss";
    EXPECT_THAT(error_of(run_with(jobs::StoredFeedback{}), checkpoint),
                AllOf(HasSubstr("'feedback_distribution'"), HasSubstr("gauss"), HasSubstr("overrules it")));
    auto told = run_with(jobs::StoredFeedback{});
    told.feedback_distribution = Distribution::uniform;
    EXPECT_EQ(training_feedback(told, checkpoint, nullptr, shapes).distribution, Distribution::uniform);
}

TEST(FeedbackRecord, OfOneScaleIsThatOfAllLayers)
{
    Checkpoint checkpoint;
    checkpoint.metadata["feedback_std"] = "0.25";
    EXPECT_THAT(training_feedback(run_with(jobs::StoredFeedback{}), checkpoint, nullptr, shapes).scale,
                testing::ElementsAre(0.25, 0.25, 0.25));
}

TEST(NoFeedback, LeavesTheMatricesOfTheCheckpointAlone)
{
    const auto found =
        training_feedback(run_with(jobs::NoFeedback{}), storing(some_matrices()), nullptr, shapes);
    EXPECT_THAT(found.matrices, IsEmpty());
    EXPECT_THAT(found.reason, HasSubstr("feedback=none"));
}

TEST(FileFeedback, IsVerifiedOnlyByTheCheckpointsRecord)
{
    const auto other = storing(some_matrices());
    Checkpoint checkpoint;
    auto found = training_feedback(run_with(file), checkpoint, &other, shapes);
    EXPECT_TRUE(at::equal(found.matrices[2], some_matrices()[2].to(at::kDouble)));
    EXPECT_FALSE(found.verified);
    checkpoint.metadata["feedback_sha256"] = feedback_sha256(some_matrices());
    EXPECT_TRUE(training_feedback(run_with(file), checkpoint, &other, shapes).verified);
    checkpoint.metadata["feedback_sha256"] = std::string(64, 'a');
    EXPECT_THAT(error_of(run_with(file), checkpoint, &other),
                AllOf(HasSubstr(std::string(64, 'a')), HasSubstr(feedback_sha256(some_matrices()))));
}

TEST(FileFeedback, WithoutMatricesOrAgainstItsOwnRecordIsAnError)
{
    EXPECT_THAT(error_of(run_with(file), {}, std::vector<Checkpoint>(1).data()),
                HasSubstr("other.safetensors"));
    auto other = storing(some_matrices());
    other.metadata["feedback_sha256"] = std::string(64, 'b');
    EXPECT_THAT(error_of(run_with(file), {}, &other), HasSubstr(std::string(64, 'b')));
}

TEST(SeededFeedback, IsRegeneratedAsItWasRecorded)
{
    const std::vector<double> scale = {0.1, 0.2, 0.3};
    const auto trained = seeded_feedback(7, Distribution::uniform, shapes, scale);
    Checkpoint checkpoint;
    checkpoint.metadata = {{"feedback_distribution", "uniform"}, {"feedback_std", "0.1,0.2,0.3"}};
    auto found = training_feedback(run_with(ours), checkpoint, nullptr, shapes);
    EXPECT_FALSE(found.verified);
    EXPECT_EQ(found.distribution, Distribution::uniform);
    EXPECT_EQ(found.scale, scale);
    for (std::size_t layer = 0; layer < 3; ++layer)
        EXPECT_TRUE(at::equal(found.matrices[layer], trained[layer].to(at::kDouble)));
    checkpoint.metadata["feedback_sha256"] = feedback_sha256(trained);
    EXPECT_TRUE(training_feedback(run_with(ours), checkpoint, nullptr, shapes).verified);
}

TEST(SeededFeedback, OfAnotherSeedThanTheRecordedHashIsAnErrorNamingBoth)
{
    const std::vector<double> scale(3, 1.0 / std::sqrt(3.0));
    const auto recorded = feedback_sha256(seeded_feedback(8, Distribution::normal, shapes, scale));
    const auto regenerated = feedback_sha256(seeded_feedback(7, Distribution::normal, shapes, scale));
    Checkpoint checkpoint;
    checkpoint.metadata["feedback_sha256"] = recorded;
    EXPECT_THAT(error_of(run_with(ours), checkpoint),
                AllOf(HasSubstr("seed:7"), HasSubstr(recorded), HasSubstr(regenerated)));
}

TEST(SeededFeedback, SharesNoNumbersWithFreshDraws)
{
    const diagnostics::DrawSpec draws{.seed = 7,
                                      .distribution = Distribution::normal,
                                      .shapes = shapes,
                                      .scale = {1.0, 1.0, 1.0},
                                      .shared = false,
                                      .permuted = {}};
    const auto trained = seeded_feedback(7, Distribution::normal, shapes, draws.scale);
    EXPECT_FALSE(at::isin(trained[0], diagnostics::draw(draws, 0, 0)).any().item<bool>());
}

TEST(SeededFeedback, SharedIsOneMatrixForAllLayers)
{
    const auto shared = seeded_feedback(7, Distribution::normal, {{4, 3}, {4, 3}}, {1.0, 1.0}, true);
    EXPECT_TRUE(at::equal(shared[0], shared[1]));
    EXPECT_THROW(seeded_feedback(7, Distribution::normal, {{4, 3}, {5, 3}}, {1.0, 1.0}, true),
                 std::invalid_argument);
}

TEST(TorchFeedback, IsWhatPyTorchsGlobalGeneratorWouldDraw)
{
    const auto generated = torch_feedback(7, shapes, {0.5, 1.0, 2.0});
    at::manual_seed(7);
    EXPECT_TRUE(at::equal(generated[0], at::randn({6, 3}) * 0.5));
    EXPECT_TRUE(at::equal(generated[1], at::randn({4, 3})));
    EXPECT_TRUE(at::equal(generated[2], at::randn({4, 3}) * 2.0));
    const auto found = training_feedback(run_with(torchs), {}, nullptr, shapes);
    EXPECT_FALSE(found.verified);
    EXPECT_TRUE(at::allclose(found.matrices[0], generated[0].to(at::kDouble) * (2.0 / std::sqrt(3.0)), 1e-6));
}

TEST(TorchFeedback, OfAnotherDistributionIsAnError)
{
    auto spec = run_with(torchs);
    spec.feedback_distribution = Distribution::uniform;
    EXPECT_THAT(error_of(spec, {}), AllOf(HasSubstr("seed:torch:7"), HasSubstr("uniform")));
}

TEST(PermutedFeedback, NeedsSomethingToShuffle)
{
    auto spec = run_with(jobs::NoFeedback{});
    spec.feedback_distribution = Distribution::permute;
    EXPECT_THAT(error_of(spec, {}), HasSubstr("permute"));
    spec.credit = jobs::Credit::none;
    EXPECT_EQ(error_of(spec, {}), "no error");
}

TEST(PermutedFeedback, ShufflesTheMatricesAsStoredWhateverTheSign)
{
    auto spec = run_with(jobs::StoredFeedback{});
    spec.feedback_sign = -1;
    spec.feedback_distribution = Distribution::permute;
    const auto found = training_feedback(spec, storing(some_matrices()), nullptr, shapes);
    const auto draws = diagnostics::fresh_draws(spec, found, shapes, diagnostics::Propagation::direct);
    for (std::size_t layer = 0; layer < 3; ++layer)
        EXPECT_TRUE(at::equal(draws.permuted[layer], some_matrices()[layer].to(at::kDouble)));
}

TEST(FreshDraws, TakeTheKeysDistributionBeforeTheRecords)
{
    auto spec = run_with(jobs::StoredFeedback{});
    spec.draw_seed = 99;
    auto checkpoint = storing(some_matrices());
    checkpoint.metadata["feedback_distribution"] = "rademacher";
    auto found = training_feedback(spec, checkpoint, nullptr, shapes);
    EXPECT_EQ(found.distribution, Distribution::rademacher);
    spec.feedback_distribution = Distribution::orthogonal;
    found = training_feedback(spec, checkpoint, nullptr, shapes);
    const auto draws = diagnostics::fresh_draws(spec, found, shapes, diagnostics::Propagation::direct);
    EXPECT_EQ(draws.distribution, Distribution::orthogonal);
    EXPECT_EQ(draws.seed, 99U);
    EXPECT_EQ(draws.scale, found.scale);
}

// SHA-256 of the eight bytes 00 00 80 3f 00 00 00 c0, from Python's hashlib.
TEST(FeedbackHash, IsOfLittleEndianFloatsInOrder)
{
    const at::Tensor one = at::full({1, 1}, 1.0), minus_two = at::full({1, 1}, -2.0);
    EXPECT_EQ(feedback_sha256({one, minus_two}),
              "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b");
    EXPECT_NE(feedback_sha256({minus_two, one}),
              "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b");
}
