#include "diagnostics/training_feedback.hpp"
#include "tests/models/small_resmlp.hpp"
#include "tests/support/scratch_folder.hpp"
#include "training/initialise.hpp"
#include "training/trainer.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace fa::training {
namespace {

/// Three classes of noisy curves that a small network tells apart.
jobs::Split curves(std::int64_t samples, double phase)
{
    jobs::Split split;
    split.features = 8;
    for (std::int64_t i = 0; i < samples; ++i) {
        split.labels.push_back(i % 3);
        for (std::int64_t f = 0; f < split.features; ++f)
            split.inputs.push_back(static_cast<float>(
                std::sin(0.7 * static_cast<double>((i % 3 + 1) * f)) +
                0.3 * std::sin(phase + 12.9898 * static_cast<double>(i) + 78.233 * static_cast<double>(f))));
    }
    return split;
}

TrainingData small_data()
{
    return {.train = curves(200, 0), .test = curves(60, 1), .classes = 3, .sha256 = "data"};
}

Recipe small_recipe(Method method)
{
    Recipe recipe;
    recipe.method = method;
    recipe.seed = 7;
    recipe.feedback_seed = 7;
    recipe.epochs = 3;
    recipe.learning_rate = 1e-2;
    recipe.batch_size = 32;
    recipe.depth = 2;
    recipe.width = 12;
    return recipe;
}

models::Checkpoint trained(const Recipe& recipe, std::vector<EpochReport>* reports = nullptr)
{
    return train(recipe, small_data(), 1, [&](const EpochReport& report) {
        if (reports != nullptr)
            reports->push_back(report);
    });
}

class EveryMethod : public ::testing::TestWithParam<Method> {};

TEST_P(EveryMethod, GivesTheSameBytesAgain)
{
    const fa::testing::ScratchFolder folder;
    for (const auto* name : {"one", "two"})
        models::write_safetensors(folder / name, trained(small_recipe(GetParam())));
    EXPECT_EQ(fa::testing::bytes_of(folder / "one"), fa::testing::bytes_of(folder / "two"));
}

TEST_P(EveryMethod, LearnsTheCurves)
{
    std::vector<EpochReport> reports;
    trained(small_recipe(GetParam()), &reports);
    ASSERT_EQ(reports.size(), 3U);
    EXPECT_LT(reports.back().loss, reports.front().loss);
    EXPECT_GT(reports.back().test_accuracy, 0.6); // chance is a third
}

TEST_P(EveryMethod, RecordsWhatTheAuditReads)
{
    const auto checkpoint = trained(small_recipe(GetParam()));
    const auto& metadata = checkpoint.metadata;
    EXPECT_EQ(metadata.at("format"), "fa-harness");
    EXPECT_EQ(metadata.at("model"), "resmlp");
    EXPECT_EQ(metadata.at("method"), to_string(GetParam()));
    EXPECT_EQ(metadata.at("seed"), "7");
    EXPECT_EQ(metadata.at("recipe"), recipe_line(small_recipe(GetParam()), 1));
    static const std::map<Method, std::string> credits{
        {Method::bp, "dfa"}, {Method::dfa, "dfa"}, {Method::sdfa, "sdfa"}, {Method::drtp, "drtp"},
        {Method::fa, "fa"},  {Method::ep, "ep"},   {Method::sb, "sb"},     {Method::cb, "cb"}};
    const auto credit = credits.find(GetParam());
    EXPECT_EQ(metadata.contains("credit"), credit != credits.end());
    if (credit != credits.end()) {
        EXPECT_EQ(metadata.at("credit"), credit->second);
    }
    const bool uses_feedback = GetParam() == Method::dfa || GetParam() == Method::sdfa ||
                               GetParam() == Method::drtp || GetParam() == Method::fa;
    EXPECT_EQ(metadata.at("feedback_used"), uses_feedback ? "true" : "false");
    const auto network = models::make_network(checkpoint, "auto");
    const std::int64_t columns = GetParam() == Method::fa ? 12 : 3;
    const std::vector<models::MatrixShape> shapes{{12, columns}, {12, columns}, {12, 3}};
    const auto feedback = models::stored_feedback(checkpoint, shapes);
    if (!records_feedback(GetParam())) {
        EXPECT_TRUE(feedback.empty());
        EXPECT_FALSE(metadata.contains("feedback_seed"));
        return;
    }
    const double below = 1 / std::sqrt(static_cast<double>(columns)), top = 1 / std::sqrt(3.0);
    const auto expected =
        diagnostics::seeded_feedback(7, jobs::Distribution::normal, shapes, {below, below, top});
    ASSERT_EQ(feedback.size(), 3U);
    for (std::size_t l = 0; l < 3; ++l)
        EXPECT_TRUE(feedback[l].equal(expected[l].to(at::kDouble))) << l;
    EXPECT_EQ(metadata.at("feedback_seed"), "7");
    EXPECT_EQ(metadata.at("feedback_distribution"), "normal");
    EXPECT_EQ(metadata.at("feedback_sha256"), diagnostics::feedback_sha256(expected));
    EXPECT_EQ(std::stod(metadata.at("feedback_std")), below); // the first of the list, to the last bit
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryMethod,
                         ::testing::Values(Method::bp, Method::dfa, Method::sdfa, Method::drtp, Method::fa,
                                           Method::ep, Method::sb, Method::cb, Method::frozen),
                         [](const auto& method) { return to_string(method.param); });

TEST(Trainer, LearnsAndSavesTheRulesOwnNetwork)
{
    for (const auto& [method, kind] : {std::pair{Method::sb, models::BridgeKind::state},
                                       std::pair{Method::cb, models::BridgeKind::credit}}) {
        auto recipe = small_recipe(method);
        recipe.bridge_width = 10;
        const auto checkpoint = trained(recipe);
        for (const auto& [name, tensor] : initial_bridge(kind, 7, 12, 3, 10)) {
            ASSERT_TRUE(checkpoint.tensors.contains(name)) << name;
            EXPECT_EQ(checkpoint.tensors.at(name).sizes(), tensor.sizes()) << name;
            EXPECT_FALSE(checkpoint.tensors.at(name).equal(tensor)) << name;
        }
        models::Bridge(kind, checkpoint.tensors, 12, 3); // nothing is left over
        EXPECT_TRUE(models::has_bridge(checkpoint));
    }
}

TEST(Trainer, FrozenBlocksKeepTheirInitialValuesAndOthersDont)
{
    const auto initial = initial_tensors(7, 8, 12, 2, 3);
    const auto frozen = trained(small_recipe(Method::frozen));
    const auto moving = trained(small_recipe(Method::bp));
    for (const auto& [name, tensor] : initial) {
        EXPECT_EQ(frozen.tensors.at(name).equal(tensor), name.starts_with("blocks.")) << name;
        EXPECT_FALSE(moving.tensors.at(name).equal(tensor)) << name;
    }
}

TEST(Trainer, AnotherSeedGivesAnotherNetwork)
{
    auto other = small_recipe(Method::bp);
    other.seed = 8;
    EXPECT_FALSE(trained(other)
                     .tensors.at("head.bias")
                     .equal(trained(small_recipe(Method::bp)).tensors.at("head.bias")));
}

TEST(Trainer, LinearDecayEndsAStepBeforeZeroAndConstantStays)
{
    auto recipe = small_recipe(Method::bp); // 3 epochs of ⌊200/32⌋ = 6 batches
    std::vector<EpochReport> reports;
    trained(recipe, &reports);
    EXPECT_EQ(reports.back().learning_rate, 1e-2);
    recipe.decay = Decay::linear;
    reports.clear();
    trained(recipe, &reports);
    EXPECT_NEAR(reports[0].learning_rate, 1e-2 * 13 / 18, 1e-15);
    EXPECT_NEAR(reports[2].learning_rate, 1e-2 / 18, 1e-15);
}

TEST(Trainer, RefusesLessThanABatchOfData)
{
    auto recipe = small_recipe(Method::bp);
    recipe.batch_size = 201;
    EXPECT_THAT(fa::testing::message_of<std::invalid_argument>([&] { trained(recipe); }),
                ::testing::HasSubstr("has 200 samples, fewer than one batch of 201"));
}

TEST(AlreadyTrained, HoldsForTheSameRecipeDataAndThreadsOnly)
{
    const fa::testing::ScratchFolder folder;
    const auto file = folder / "x.safetensors";
    const auto recipe = small_recipe(Method::bp);
    EXPECT_FALSE(already_trained(file, recipe, "data", 1));
    models::write_safetensors(file, trained(recipe));
    EXPECT_TRUE(already_trained(file, recipe, "data", 1));
    EXPECT_FALSE(already_trained(file, small_recipe(Method::ep), "data", 1));
    EXPECT_FALSE(already_trained(file, recipe, "other data", 1));
    EXPECT_FALSE(already_trained(file, recipe, "data", 2));
}

TEST(AlreadyTrained, DoesNotHoldForATruncatedFile)
{
    const fa::testing::ScratchFolder folder;
    const auto recipe = small_recipe(Method::bp);
    models::write_safetensors(folder / "x", trained(recipe));
    const auto bytes = fa::testing::bytes_of(folder / "x");
    folder.write("x", bytes.substr(0, bytes.size() - 1));
    EXPECT_FALSE(already_trained(folder / "x", recipe, "data", 1));
}

} // namespace
} // namespace fa::training
