/// Steps 2 and 3 of a run, against what one rank comes to alone.
#include "harness/probe_stage.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/comm/mpi_backend.hpp"
#include "harness/mpi_collectives.hpp"
#include "jobs/plan.hpp"
#include "tests/support/two_block_network.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace fa::harness {
namespace {

using fa::testing::TwoBlockNetwork;

constexpr std::int64_t batch_size = 4, batches = 5;

/// dfa of a network of two blocks on 5 batches of 4 samples.
PreparedRun small_run()
{
    PreparedRun run;
    run.spec.batch_size = batch_size;
    run.spec.batches = batches;
    auto data = std::make_shared<EvaluationData>();
    const auto inputs = TwoBlockNetwork::entries({batch_size * batches, 5}, 1.0, 0.9);
    for (std::int64_t i = 0; i < inputs.numel(); ++i)
        data->test.inputs.push_back(static_cast<float>(inputs.const_data_ptr<double>()[i]));
    for (std::int64_t i = 0; i < inputs.size(0); ++i)
        data->test.labels.push_back(i % 4);
    data->test.features = 5;
    data->test.shape = {5};
    run.data = data;
    run.samples.resize(batch_size * batches);
    std::iota(run.samples.begin(), run.samples.end(), std::int64_t{0});
    const TwoBlockNetwork network;
    run.network = network.to(at::kDouble);
    run.network32 = network.to(at::kFloat);
    for (int layer = 0; layer < 3; ++layer)
        run.evaluation.training_feedback.push_back(TwoBlockNetwork::entries({7, 4}, 0.5, layer + 0.1));
    run.attributes.depth = 2;
    run.attributes.width = {7, 7, 7};
    run.attributes.classes = 4;
    run.attributes.batches = batches;
    run.attributes.batch_size = batch_size;
    run.attributes.draws = 16;
    return run;
}

struct Measured {
    BatchExchange exchange;
    Rows rows;
};

Measured measure(const PreparedRun& run, const comm::Communicator& team, const Collectives& collectives)
{
    Measured measured;
    measured.exchange = measure_batches(run, team, collectives, WorkShares{}, Heartbeat(), measured.rows);
    return measured;
}

Measured measure_alone(const PreparedRun& run)
{
    const comm::Communicator alone;
    return measure(run, alone, *make_collectives(alone, at::kCPU));
}

bool same_bits(const at::Tensor& a, const at::Tensor& b)
{
    return a.sizes() == b.sizes() &&
           at::equal(a.contiguous().view(at::kByte), b.contiguous().view(at::kByte));
}

class ProbeStage : public ::testing::Test {
  protected:
    /// This rank's slab of every dataset, and every batch's inputs of the Γ engine.
    void expect_what_one_rank_measures(const Measured& measured)
    {
        const auto whole = measure_alone(run);
        const auto mine = jobs::share(batches, team.rank(), team.size());
        for (const char* name :
             {"norms/hidden", "gamma/train", "pitfalls/fp16_lost", "samples/index", "samples/loss"})
            if (mine.size() > 0) {
                EXPECT_TRUE(same_bits(
                    measured.rows.tensor(name),
                    whole.rows.tensor(name).narrow(0, mine.begin * batch_size, mine.size() * batch_size)))
                    << name;
            }
        ASSERT_EQ(measured.exchange.gamma_inputs.size(), static_cast<std::size_t>(batches));
        for (std::size_t b = 0; b < static_cast<std::size_t>(batches); ++b)
            for (std::size_t l = 0; l < 3; ++l) {
                EXPECT_TRUE(same_bits(measured.exchange.gamma_inputs[b].reference[l],
                                      whole.exchange.gamma_inputs[b].reference[l]));
                EXPECT_TRUE(
                    same_bits(measured.exchange.mean_direction[l][b], whole.exchange.mean_direction[l][b]));
            }
    }
    /// The gradient of h_1 isn't defined in a network whose logits don't depend on it.
    void break_network(bool broken) { dynamic_cast<TwoBlockNetwork&>(*run.network).disconnected = broken; }

    comm::Communicator team{comm::make_mpi_backend(MPI_COMM_WORLD)};
    PreparedRun run = small_run();
};

TEST_F(ProbeStage, LeavesEachRankItsSlabAndAllRanksEveryBatch)
{
    expect_what_one_rank_measures(measure(run, team, *make_collectives(team, at::kCPU)));
}

TEST_F(ProbeStage, DoesSoByADetourToo)
{
    expect_what_one_rank_measures(measure(run, team, *staged_mpi_collectives(team, at::kCPU, 1000)));
}

TEST_F(ProbeStage, FailsOnAllRanksWhereOneCantMeasureAndWorksTheNextTime)
{
    const auto collectives = make_collectives(team, at::kCPU);
    break_network(team.rank() == team.size() - 1);
    EXPECT_THROW(measure(run, team, *collectives), comm::GroupError);
    break_network(false);
    expect_what_one_rank_measures(measure(run, team, *collectives));
}

TEST_F(ProbeStage, FailsOnAllRanksWhereOneMeasuresOtherShapesThanTheRuns)
{
    const auto collectives = make_collectives(team, at::kCPU);
    if (team.leads())
        run.attributes.width = {7, 8, 7};
    EXPECT_THROW(measure(run, team, *collectives), comm::GroupError);
}

} // namespace
} // namespace fa::harness
