/// A run prepared for a device is measured there, batch by batch on two streams, and leaves the CPU's rows.
#include "harness/batch_streams.hpp"
#include "harness/file_bytes.hpp"
#include "harness/prepared_run.hpp"
#include "harness/probe_stage.hpp"
#include "models/checkpoint.hpp"
#include "tests/models/small_resmlp.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/far_device.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace fa::harness {
namespace {

using namespace fa::testing;
using ::testing::ElementsAre;

constexpr std::int64_t batches = 4, batch_size = 3, test_samples = 17;

/// A small checkpoint with its feedback, and a test split.
struct Job {
    ScratchFolder scratch;
    jobs::RunSpec spec;
    AuditOptions options;
    RunInputs inputs;

    explicit Job(jobs::Credit credit = jobs::Credit::dfa)
    {
        models::Checkpoint checkpoint{.tensors = small_tensors({}, at::kFloat), .metadata = {}};
        for (const auto* layer : {"0", "1", "2"})
            checkpoint.tensors[std::string("feedback.") + layer] =
                small_inputs(6, 3, at::kFloat) * (1.0 + layer[0] - '0');
        spec.checkpoint = scratch / "run.safetensors";
        models::write_safetensors(spec.checkpoint, checkpoint);
        spec.name = "run";
        spec.credit = credit;
        spec.batches = batches;
        spec.batch_size = batch_size;
        spec.draws = 3;
        auto data = std::make_shared<EvaluationData>();
        data->test.features = 5;
        data->test.shape = {5};
        for (std::int64_t i = 0; i < test_samples; ++i) {
            data->test.labels.push_back(i % 3);
            for (std::int64_t k = 0; k < 5; ++k)
                data->test.inputs.push_back(
                    static_cast<float>(std::cos(0.7 * static_cast<double>(5 * i + k))));
        }
        inputs.data = data;
        inputs.checkpoint = read_bytes(spec.checkpoint);
    }

    struct Measured {
        PreparedRun run;
        Rows rows;
        BatchExchange exchanged;
        double share = 0; ///< of the work that the heartbeat heard of
    };
    Measured on(at::Device device) const
    {
        const comm::Communicator alone;
        Measured measured;
        const Heartbeat beat([&](double share) { measured.share += share; }, [] { return false; });
        measured.run =
            prepare_run(spec, options, inputs,
                        {.device = device, .host = "n1", .name = "far", .kind = "far", .memory = 0});
        const WorkShares shares{.per_batch = 0.125, .per_accuracy_batch = 0, .per_draw_block = 0};
        measured.exchanged = measure_batches(measured.run, alone, *make_collectives(alone, device), shares,
                                             beat, measured.rows);
        measure_accuracy(measured.run, alone, shares, beat, measured.rows);
        return measured;
    }
};

TEST(FarRun, LeavesTheRowsOfTheCpu)
{
    const Job job;
    const auto there = job.on(far_device());
    const auto here = job.on(at::kCPU);
    std::size_t compared = 0;
    for (const auto& dataset : datasets_of(here.run.attributes)) {
        ASSERT_EQ(there.rows.has(dataset), here.rows.has(dataset)) << dataset;
        if (!here.rows.has(dataset))
            continue;
        EXPECT_TRUE(there.rows.tensor(dataset).device().is_cpu()) << dataset;
        // (Copies have other strides, and with them other kernels round.)
        EXPECT_TENSOR_NEAR(there.rows.tensor(dataset), here.rows.tensor(dataset),
                           dataset == "pitfalls/float32_gamma" ? 1e-5 : 1e-12)
            << dataset;
        ++compared;
    }
    EXPECT_GT(compared, 15U);
    EXPECT_TRUE(here.rows.has("accuracy/correct"));
    EXPECT_EQ(there.share, here.share);
}

TEST(FarRun, HoldsFeedbackAndWhatTheGammaEngineNeedsOnTheDevice)
{
    const Job job;
    const auto there = job.on(far_device());
    ASSERT_FALSE(there.run.evaluation.training_feedback.empty());
    for (const auto& matrix : there.run.evaluation.training_feedback)
        EXPECT_EQ(matrix.device(), far_device());
    ASSERT_EQ(there.exchanged.gamma_inputs.size(), static_cast<std::size_t>(batches));
    for (const auto& inputs : there.exchanged.gamma_inputs)
        EXPECT_EQ(inputs.input.device(), far_device());
    for (const auto& directions : there.exchanged.mean_direction)
        for (const auto& direction : directions)
            EXPECT_TRUE(direction.device().is_cpu());
}

TEST(FarRun, BatchesTakeTurnsOnTwoStreamsThatAreAllWaitedFor)
{
    const Job job;
    streams_entered();
    device_waits();
    job.on(far_device());
    auto entered = streams_entered();
    std::erase(entered, 0); // back to the default stream
    const std::set<std::int64_t> different(entered.begin(), entered.end());
    EXPECT_EQ(different.size(), 2U);
    EXPECT_GE(device_waits(), 2); // before the first batch and behind the last
}

TEST(FarRun, RulesWithNetworksOfTheirOwnComeAlong)
{
    const Job job(jobs::Credit::ep);
    const auto there = job.on(far_device());
    const auto here = job.on(at::kCPU);
    EXPECT_TENSOR_NEAR(there.rows.tensor("gamma/train"), here.rows.tensor("gamma/train"), 1e-12);
    EXPECT_TENSOR_NEAR(there.rows.tensor("relaxation/residual"), here.rows.tensor("relaxation/residual"),
                       1e-12);
}

TEST(BatchStreams, OnTheCpuAStepIsDoneWhenItReturns)
{
    const BatchStreams streams(at::kCPU, 2);
    std::vector<int> done;
    streams.run(0, [&] { done.push_back(0); });
    streams.run(1, [&] { done.push_back(1); });
    streams.synchronise();
    EXPECT_THAT(done, ElementsAre(0, 1));
}

TEST(BatchStreams, OneIsTheCurrentStream)
{
    const BatchStreams streams(far_device(), 1);
    streams_entered();
    streams.run(0, [] {});
    streams.run(1, [] {});
    EXPECT_THAT(streams_entered(), ElementsAre());
}

} // namespace
} // namespace fa::harness
