/// The exchange of probes, by every side of the collectives: each rank comes to hold every batch, bit for
/// bit.
#include "harness/exchange.hpp"

#include "harness/comm/mpi_backend.hpp"
#include "harness/mpi_collectives.hpp"
#include "jobs/plan.hpp"
#include "tests/diagnostics/gamma_problem.hpp"
#include "tests/support/counted_collectives.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <tuple>

namespace fa::harness {
namespace {

using diagnostics::Propagation;

struct Side {
    const char* name;
    std::unique_ptr<const Collectives> (*make)(const comm::Communicator& team);
};

fa::testing::Shape shape_of(Propagation propagation)
{
    return {.samples = 6, .widths = {5, 5, 5}, .classes = 3, .draws = 16, .propagation = propagation};
}

store::RunAttributes attributes_of(const fa::testing::Shape& shape, std::int64_t batches)
{
    store::RunAttributes run;
    run.depth = 2;
    run.width = shape.widths;
    run.classes = shape.classes;
    run.batches = batches;
    run.batch_size = shape.samples;
    run.draws = shape.draws;
    return run;
}

/// Batch b as whichever rank measures it would; a row of it is undefined.
diagnostics::BatchResult measured(const fa::testing::Shape& shape, std::int64_t b)
{
    auto raw = fa::testing::raw_batch(shape, static_cast<std::uint64_t>(100 + b));
    raw.gradient[1][b % shape.samples].zero_();
    diagnostics::BatchResult result;
    result.gamma_inputs = fa::testing::gamma_inputs(raw);
    for (const auto& gradient : raw.gradient)
        result.measured.mean_direction.push_back(gradient.mean(0).contiguous());
    return result;
}

bool same_bits(const at::Tensor& a, const at::Tensor& b)
{
    return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() &&
           at::equal(a.contiguous().view(at::kByte), b.contiguous().view(at::kByte));
}

void expect_same(const diagnostics::GammaInputs& batch, const diagnostics::GammaInputs& expected)
{
    const auto expect_layers = [](const auto& layers, const auto& wanted) {
        ASSERT_EQ(layers.size(), wanted.size());
        for (std::size_t l = 0; l < layers.size(); ++l)
            EXPECT_TRUE(same_bits(layers[l], wanted[l])) << "layer " << l;
    };
    expect_layers(batch.reference, expected.reference);
    expect_layers(batch.gate, expected.gate);
    EXPECT_TRUE(same_bits(batch.input, expected.input));
    EXPECT_TRUE(same_bits(batch.gradient_norm, expected.gradient_norm));
    EXPECT_TRUE(same_bits(batch.input_norm, expected.input_norm));
    EXPECT_EQ(batch.gate_size.defined(), expected.gate_size.defined());
    if (expected.gate_size.defined()) {
        EXPECT_TRUE(same_bits(batch.gate_size, expected.gate_size));
    }
}

class ExchangeBy : public ::testing::TestWithParam<std::tuple<Side, Propagation>> {
  protected:
    comm::Communicator team{comm::make_mpi_backend(MPI_COMM_WORLD)};
    std::unique_ptr<const Collectives> collectives = std::get<0>(GetParam()).make(team);
    fa::testing::Shape shape = shape_of(std::get<1>(GetParam()));

    BatchExchange exchanged(std::int64_t batches, std::int64_t draws = 16)
    {
        auto run = attributes_of(shape, batches);
        run.draws = draws;
        Exchange exchange(BatchLayout(run, shape.propagation), batches, team, *collectives);
        const auto mine = jobs::share(batches, team.rank(), team.size());
        for (auto b = mine.begin; b < mine.end; ++b) {
            auto result = measured(shape, b);
            exchange.put(b, result);
            EXPECT_TRUE(result.gamma_inputs.reference.empty()) << "its memory is given back at once";
        }
        return exchange.gather();
    }
    void expect_directions(const BatchExchange& exchange, std::int64_t batches)
    {
        ASSERT_EQ(exchange.mean_direction.size(), shape.widths.size());
        for (std::size_t l = 0; l < shape.widths.size(); ++l) {
            ASSERT_EQ(exchange.mean_direction[l].size(), static_cast<std::size_t>(batches));
            for (std::int64_t b = 0; b < batches; ++b)
                EXPECT_TRUE(same_bits(exchange.mean_direction[l][static_cast<std::size_t>(b)],
                                      measured(shape, b).measured.mean_direction[l]))
                    << "batch " << b << ", layer " << l;
        }
    }
};

// Shares of one size, unequal ones (5 on 3 ranks: 2, 2 and 1), fewer batches than ranks.
TEST_P(ExchangeBy, BringsEveryBatchToEveryRank)
{
    for (const std::int64_t batches : {1, 2, 4, 5, 7}) {
        const auto exchange = exchanged(batches);
        ASSERT_EQ(exchange.gamma_inputs.size(), static_cast<std::size_t>(batches));
        for (std::int64_t b = 0; b < batches; ++b) {
            SCOPED_TRACE(b);
            expect_same(exchange.gamma_inputs[static_cast<std::size_t>(b)], measured(shape, b).gamma_inputs);
        }
        expect_directions(exchange, batches);
    }
}

TEST_P(ExchangeBy, BringsTheDirectionsAloneWhereThereAreNoDraws)
{
    const auto exchange = exchanged(5, 0);
    EXPECT_TRUE(exchange.gamma_inputs.empty());
    expect_directions(exchange, 5);
}

/// A batch's place decides which kernels multiply it: the same for every number of ranks.
TEST_P(ExchangeBy, LeavesEveryTensorContiguousAndAligned)
{
    const auto exchange = exchanged(5);
    const auto* first = static_cast<const std::byte*>(exchange.gamma_inputs[0].input.data_ptr());
    for (const auto& batch : exchange.gamma_inputs)
        for (const auto* tensor :
             {&batch.reference[0], &batch.reference[2], &batch.input, &batch.input_norm}) {
            EXPECT_TRUE(tensor->is_contiguous());
            EXPECT_EQ((static_cast<const std::byte*>(tensor->data_ptr()) - first) % 256, 0);
        }
}

INSTANTIATE_TEST_SUITE_P(
    Exchange, ExchangeBy,
    ::testing::Combine(
        ::testing::Values(
            Side{"mpi", [](const comm::Communicator& team) { return make_collectives(team, at::kCPU); }},
            Side{"slabs",
                 [](const comm::Communicator& team) { return staged_mpi_collectives(team, at::kCPU, 500); }},
            Side{"counted",
                 [](const comm::Communicator& team) -> std::unique_ptr<const Collectives> {
                     return std::make_unique<fa::testing::CountedCollectives>(
                         make_collectives(team, at::kCPU));
                 }}),
        ::testing::Values(Propagation::direct, Propagation::chain, Propagation::residual_chain,
                          Propagation::gated_chain, Propagation::gated_chain_before)),
    [](const auto& which) {
        return std::string(std::get<0>(which.param).name) + "_" +
               std::to_string(static_cast<int>(std::get<1>(which.param)));
    });

TEST(Exchange, GathersOnceAWindow)
{
    const comm::Communicator team(comm::make_mpi_backend(MPI_COMM_WORLD));
    const fa::testing::CountedCollectives collectives(make_collectives(team, at::kCPU));
    const auto shape = shape_of(Propagation::direct);
    constexpr std::int64_t batches = 5;
    Exchange exchange(BatchLayout(attributes_of(shape, batches), shape.propagation), batches, team,
                      collectives);
    const auto mine = jobs::share(batches, team.rank(), team.size());
    for (auto b = mine.begin; b < mine.end; ++b) {
        auto result = measured(shape, b);
        exchange.put(b, result);
    }
    exchange.gather();
    EXPECT_EQ(collectives.gathers, (batches + team.size() - 1) / team.size());
    EXPECT_EQ(collectives.gathers, Exchange::windows(batches, team.size()));
}

} // namespace
} // namespace fa::harness
