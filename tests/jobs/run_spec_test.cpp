#include "jobs/run_spec.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fa::jobs {
namespace {

TEST(RunSpec, DistributionsRoundTripThroughText)
{
    for (const char* text : {"normal", "uniform", "rademacher", "orthogonal", "permute"}) {
        EXPECT_EQ(to_string(distribution_from(text)), text);
    }
    EXPECT_EQ(distribution_from("rademacher"), Distribution::rademacher);
}

TEST(RunSpec, AnUnknownDistributionIsAnsweredWithTheKnownOnes)
{
    try {
        distribution_from("cauchy");
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(),
                    ::testing::AllOf(::testing::HasSubstr("'cauchy'"), ::testing::HasSubstr("orthogonal")));
    }
}

TEST(RunSpec, FeedbackSourcesAreTextAsTheManifestWritesThem)
{
    using Generator = SeededFeedback::Generator;
    EXPECT_EQ(to_string(FeedbackSource(StoredFeedback{})), "stored");
    EXPECT_EQ(to_string(FeedbackSource(StoredFeedback{"blocks.{l}.B"})), "stored:blocks.{l}.B");
    EXPECT_EQ(to_string(FeedbackSource(NoFeedback{})), "none");
    EXPECT_EQ(to_string(FeedbackSource(FileFeedback{"b/B.safetensors"})), "b/B.safetensors");
    EXPECT_EQ(to_string(FeedbackSource(FileFeedback{"b/B.pt", "Bs"})), "b/B.pt:Bs");
    EXPECT_EQ(to_string(FeedbackSource(SeededFeedback{Generator::ours, 7})), "seed:7");
    EXPECT_EQ(to_string(FeedbackSource(SeededFeedback{Generator::torch_cpu, 7})), "seed:torch:7");
}

TEST(RunSpec, CreditsAndLossesHaveTheManifestsNames)
{
    EXPECT_EQ(to_string(Credit::dfa), "dfa");
    EXPECT_EQ(to_string(Credit::none), "none");
    EXPECT_EQ(to_string(Loss::cross_entropy), "cross_entropy");
    EXPECT_EQ(to_string(Loss::mse), "mse");
}

} // namespace
} // namespace fa::jobs
