/// Bytes moved and held, against sums written out by hand.
#include "harness/memory.hpp"
#include "harness/traffic.hpp"

#include <gmock/gmock.h>

namespace fa::harness {
namespace {

/// 2 batches of 5 samples, 3 layers of widths 4, 6, 6; 3 classes; 16 draws in 8 blocks of 2; 20 test samples.
PlannedRun small_run()
{
    PlannedRun run;
    run.attributes.credit = "dfa";
    run.attributes.precision = "float64";
    run.attributes.depth = 2;
    run.attributes.width = {4, 6, 6};
    run.attributes.classes = 3;
    run.attributes.batches = 2;
    run.attributes.batch_size = 5;
    run.attributes.draws = 16;
    run.attributes.test_samples = 20;
    run.attributes.keep = "samples";
    run.parameters = 100;
    run.checkpoint_bytes = 1000;
    run.data_key = {"data.h5", {}};
    run.data = {.file_bytes = 5000, .test_samples = 20, .features = 7, .sample_shape = {7}};
    run.store_bytes = 300;
    return run;
}

/// Bytes of a tensor in the exchange, which begins at a multiple of 256.
std::uint64_t placed(std::uint64_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

/// Of one batch: mean directions, 4, 6 and 6 doubles.
const std::uint64_t directions = 3 * placed(6 * 8);
/// ĝ 6·4, 6·6, 6·6 floats, ê 6·3 floats, ‖g‖ 5·3 and ‖e‖ 5 doubles.
const std::uint64_t gamma_inputs =
    placed(6 * 4 * 4) + 2 * placed(6 * 6 * 4) + placed(6 * 3 * 4) + placed(5 * 3 * 8) + placed(5 * 8);
/// σ′ 5·4, 5·6, 5·6 floats, and their sizes, 5·3 doubles.
const std::uint64_t gates = placed(5 * 4 * 4) + 2 * placed(5 * 6 * 4) + placed(5 * 3 * 8);

TEST(Traffic, OfATeamOfOneIsNone)
{
    EXPECT_EQ(traffic_of(small_run(), 1, 14).total(), 0U);
}

TEST(Traffic, OfATeamIsWhatGoesToTheOthers)
{
    auto run = small_run();
    run.feedback_file_bytes = 10;
    const auto traffic = traffic_of(run, 4, 14);
    EXPECT_EQ(traffic.checkpoint, 3U * 1010);
    // One window of 2 batches and what two ranks fill it with; each goes to three others.
    EXPECT_EQ(traffic.gamma, 4U * 3 * (directions + gamma_inputs));
    EXPECT_EQ(traffic_of(run, 2, 14).gamma, 2U * 1 * (directions + gamma_inputs));
    EXPECT_EQ(traffic.counts, 2U * 3 * 2 * 3 * 2048 * 8); // both histograms, there and back
    EXPECT_EQ(traffic.values, 2U * 3 * (14 + 3) * 16 * 8);
}

TEST(Traffic, OfFaOnAPlainMlpHasItsGatesToo)
{
    auto run = small_run();
    run.attributes.credit = "fa";
    run.plain_states = models::HiddenStates::before_activation;
    EXPECT_EQ(traffic_of(run, 2, 14).gamma - traffic_of(small_run(), 2, 14).gamma, 2U * 1 * gates);
    run.attributes.credit = "fa_noskip";
    EXPECT_EQ(traffic_of(run, 4, 14).gamma, traffic_of(small_run(), 4, 14).gamma);
}

TEST(Traffic, OfARunWithoutCreditIsItsCheckpointAndDirections)
{
    auto run = small_run();
    run.attributes.credit = "none";
    run.attributes.draws = 0;
    const auto traffic = traffic_of(run, 2, 14);
    EXPECT_EQ(traffic.total(), 1000U + 2 * directions);
}

TEST(Traffic, OfARuleWithoutFeedbackIsItsCheckpointDirectionsAndOneHistogram)
{
    auto run = small_run();
    run.attributes.credit = "sb";
    run.attributes.draws = 0;
    EXPECT_EQ(traffic_of(run, 2, 14).total(), 1000U + 2 * directions + 2U * 3 * 2048 * 8);
}

TEST(Traffic, OfARunWithoutTrainingFeedbackLacksItsHistogram)
{
    auto run = small_run();
    run.attributes.train_reason = "unknown";
    EXPECT_EQ(traffic_of(run, 2, 14).counts, 2U * 1 * 3 * 2048 * 8);
}

TEST(Traffic, OfAJobBringsADataSetToATeamOnce)
{
    const std::vector<PlannedRun> runs(3, small_run());
    Schedule schedule;
    schedule.ranks = 5;
    schedule.teams = {2}; // of 3 and 2 ranks
    schedule.runs_of_team = {{0, 2}, {1}};
    const auto job = traffic_of(runs, schedule, 14);
    const std::uint64_t test_split = 20 * (7 * 4 + 8);
    EXPECT_EQ(job.moved.data, (2 + 1) * test_split);
    EXPECT_EQ(job.moved.checkpoint, 2U * 2 * 1000 + 1000);
    EXPECT_EQ(job.read, 3U * (1000 + 300) + 2 * (2 * 5000 + test_split)); // hashed before and behind
}

TEST(Memory, OfOneRankIsTheWholeRun)
{
    const auto memory = memory_of(small_run(), 1);
    // norms 2·10·3 and 10; loss 10; Γ_train, centred 2·10·3; batchvec, flat 2·2·3; concat 10; directions 3·4;
    // pitfalls: clamped 2, fp16 2, bf16 2, float32 1, overflow 1 of 10·3, norm(-1) 2·3: doubles. index,
    // label: 2·10 int64. Two histograms 3·2048 of 8 bytes. Γ_fresh 16·(10·3 + 2·3 + 2·3 + 10) floats.
    // correct: 20.
    EXPECT_EQ(memory.rows, 8U * (60 + 10 + 10 + 60 + 12 + 10 + 12 + 240 + 6) + 8 * 20 + 2 * 3 * 2048 * 8 +
                               4 * 16 * 52 + 20);
    EXPECT_EQ(memory.gamma, 2 * (directions + gamma_inputs));
    EXPECT_EQ(memory.network, 2U * 1000 + 12 * 100);
    EXPECT_EQ(memory.data, 20U * (7 * 4 + 8));
    EXPECT_EQ(memory.writing, memory.rows);
}

TEST(Memory, OfRowsShrinksWithTheTeamButForTheLeadersOwn)
{
    const auto one = memory_of(small_run(), 1), two = memory_of(small_run(), 2);
    const std::uint64_t leaders = 2 * 3 * 2048 * 8 + 8 * 12; // histograms, directions
    // Everything else divides evenly by two, but the 4 accuracy batches of 5 do as well: 10 of 20 samples.
    EXPECT_EQ(two.rows - leaders, (one.rows - leaders) / 2);
    EXPECT_EQ(two.gamma, one.gamma);
    EXPECT_EQ(two.draws, one.draws);
    EXPECT_EQ(two.writing, one.rows);
}

TEST(Memory, OfTheExchangeHasRoomForItsLastWindow)
{
    // On 3 ranks 2 batches are a window that lacks one: all three places beside the two batches.
    EXPECT_EQ(memory_of(small_run(), 3).gamma, (2U + 3) * (directions + gamma_inputs));
    auto run = small_run();
    run.attributes.width = {1 << 20, 1 << 20};
    run.attributes.depth = 1;
    // However large a batch is, the places fill 16 MiB together.
    EXPECT_LE(memory_of(run, 3).gamma - memory_of(run, 2).gamma, 16U << 20);
    EXPECT_GT(memory_of(run, 3).gamma - memory_of(run, 2).gamma, 15U << 20);
}

TEST(Memory, OfTheDrawsIsOneBlockWithItsGramMatrices)
{
    auto run = small_run();
    run.attributes.width = {256, 256};
    run.attributes.depth = 1;
    run.attributes.classes = 10;
    run.attributes.draws = 1000;                                      // blocks of 32
    const std::uint64_t made_in = (32 * 256 * 10 + 10 * 16 * 32) * 4; // all of a layer, and sums of pairs
    EXPECT_EQ(memory_of(run, 1).draws, 2U * 32 * (256 * 10 + 55 + 1) * 4 + made_in);
    run.attributes.feedback_shared = true; // one matrix under both layers
    EXPECT_EQ(memory_of(run, 1).draws, 32U * (256 * 10 + 55 + 1) * 4 + made_in);
}

TEST(Memory, OfAChainsDrawsIsOfItsWiderMatrices)
{
    auto run = small_run();
    run.attributes.width = {64, 64};
    run.attributes.depth = 1;
    run.attributes.classes = 10;
    run.attributes.draws = 1000; // blocks of 32, made one matrix after the other
    run.attributes.credit = "fa";
    EXPECT_EQ(memory_of(run, 1).draws, 32U * (64 * 64 + 1 + 64 * 10 + 1) * 4 + (64 * 64 + 64) * 4);
}

TEST(Memory, OfFaOnAPlainMlpHoldsTheGates)
{
    auto run = small_run();
    run.attributes.credit = "fa_noskip";
    const auto without = memory_of(run, 1);
    run.attributes.credit = "fa";
    run.plain_states = models::HiddenStates::after_activation;
    const auto with = memory_of(run, 1);
    EXPECT_EQ(with.gamma - without.gamma, 2 * gates);
    // Of a batch of 5: sizes and weights by layer in double; a mean of the widest layer.
    EXPECT_EQ(with.products - without.products, 2U * 5 * 3 * 8 + 6 * 8);
}

TEST(Memory, WithoutKeptSamplesHoldsABlocksGammaInstead)
{
    auto run = small_run();
    run.attributes.draws = 1600;
    run.attributes.keep = "batches";
    const auto batches = memory_of(run, 1);
    run.attributes.keep = "samples";
    const auto samples = memory_of(run, 1);
    EXPECT_EQ(batches.products - samples.products, 32U * 10 * 3 * 4);
}

} // namespace
} // namespace fa::harness
