#include "harness/segment_stage.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/comm/mpi_backend.hpp"
#include "harness/mpi_collectives.hpp"
#include "tests/diagnostics/gamma_problem.hpp"
#include "tests/support/counted_collectives.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <optional>
#include <vector>

namespace fa::harness {
namespace {

namespace fs = std::filesystem;

comm::Communicator world()
{
    return comm::Communicator(comm::make_mpi_backend(MPI_COMM_WORLD));
}

/// 60 draws in 8 blocks, the last one shorter; two batches.
class SegmentStage : public ::testing::Test {
  protected:
    SegmentStage()
    {
        const fa::testing::Shape shape{.samples = 6, .widths = {5, 7, 5}, .classes = 3, .draws = 60};
        auto& attributes = run.attributes;
        attributes.name = "dfa";
        attributes.credit = "dfa";
        attributes.depth = 2;
        attributes.width = shape.widths;
        attributes.classes = shape.classes;
        attributes.batches = 2;
        attributes.batch_size = shape.samples;
        attributes.draws = shape.draws;
        attributes.keep = "samples";
        attributes.digest = "0123456789abcdef0123456789abcdef";
        run.draws = fa::testing::draw_spec(shape);
        for (std::uint64_t b = 0; b < 2; ++b)
            batches.push_back(fa::testing::gamma_inputs(fa::testing::raw_batch(shape, 1 + b)));
        if (team.leads())
            scratch.emplace();
        folder_path = team.shared(scratch ? scratch->path().string() : std::string());
        layout = store::Layout(folder_path);
    }

    struct Outcome {
        Segmented segmented;
        Rows rows;
    };
    Outcome measure(const comm::Communicator& ranks, const Heartbeat& beat = {}, bool finished = false)
    {
        Outcome outcome;
        diagnostics::KeptDraws draws;
        draws.begin(run.draws, 0);
        const SegmentFolder folder(*layout, run.attributes, "this machine");
        outcome.segmented = measure_in_segments({.fresh = task(ranks, *collectives, draws, beat),
                                                 .folder = folder,
                                                 .most_blocks = 2,
                                                 .is_finished_meanwhile = [&] { return finished; }},
                                                outcome.rows);
        return outcome;
    }
    FreshTask task(const comm::Communicator& ranks, const Collectives& by, diagnostics::KeptDraws& draws,
                   const Heartbeat& beat)
    {
        return {.run = run,
                .team = ranks,
                .collectives = by,
                .batches = batches,
                .strategies = strategies,
                .draws = draws,
                .shares = shares,
                .beat = beat};
    }

    /// In one piece by one rank: what all must come to.
    Rows undisturbed(aggregation::StrategyValues& values)
    {
        Rows rows;
        diagnostics::KeptDraws draws;
        draws.begin(run.draws, 0);
        const comm::Communicator alone;
        values = measure_fresh(task(alone, *make_collectives(alone, at::kCPU), draws, {}), rows);
        return rows;
    }
    void expect_undisturbed(const Outcome& outcome)
    {
        aggregation::StrategyValues values;
        const auto whole = undisturbed(values);
        EXPECT_EQ(outcome.segmented.end, Segmented::End::complete);
        EXPECT_EQ(outcome.segmented.per_draw, values);
        const auto mine = draws_of_rank(run.attributes, team);
        for (const char* name :
             {"gamma/fresh", "gamma/batchvec_fresh", "gamma/flat_fresh", "gamma/concat_fresh"})
            EXPECT_TRUE(
                at::equal(outcome.rows.tensor(name), whole.tensor(name).narrow(0, mine.begin, mine.size())))
                << name;
        if (team.leads()) {
            EXPECT_TRUE(at::equal(outcome.rows.tensor("gamma/fresh_histogram"),
                                  whole.tensor("gamma/fresh_histogram")));
        }
    }
    /// On the leader: the segments' paths, sorted.
    std::vector<fs::path> segments() const
    {
        std::vector<fs::path> all;
        for (const auto& entry : fs::directory_iterator(layout->segments("dfa")))
            all.push_back(entry.path());
        std::sort(all.begin(), all.end());
        return all;
    }
    /// In its numbers, which only the checksum tells.
    void damage_the_first() const
    {
        if (team.leads()) {
            const auto first = segments().front();
            auto content = fa::testing::bytes_of(first);
            content.back() = static_cast<char>(content.back() ^ 1);
            std::ofstream(first, std::ios::binary) << content;
        }
        team.barrier();
    }

    comm::Communicator team = world();
    std::unique_ptr<const Collectives> collectives = make_collectives(team, at::kCPU);
    PreparedRun run;
    std::vector<diagnostics::GammaInputs> batches;
    std::vector<aggregation::Strategy> strategies = aggregation::default_strategies();
    WorkShares shares{};
    std::optional<fa::testing::ScratchFolder> scratch; ///< the leader's
    std::string folder_path;
    std::optional<store::Layout> layout;
};

TEST_F(SegmentStage, WithoutAnInterruptionComesToTheSameBits)
{
    expect_undisturbed(measure(team));
}

TEST_F(SegmentStage, ComesToTheSameBitsWhateverCarriesTheSums)
{
    collectives = staged_mpi_collectives(team, at::kCPU);
    expect_undisturbed(measure(team));
    auto counted = std::make_unique<fa::testing::CountedCollectives>(make_collectives(team, at::kCPU));
    const auto& sums = counted->sums;
    collectives = std::move(counted);
    team.barrier();
    measure(team);
    EXPECT_EQ(sums, 2) << "counts of Γ, and the strategies' values";
}

TEST_F(SegmentStage, StopsOnAllRanksWhereOneIsToldTo)
{
    int blocks = 0; // the last rank is told behind its first block; it has at least two
    const Heartbeat beat([&](double) { ++blocks; },
                         [&] { return team.rank() == team.size() - 1 && blocks >= 1; });
    const auto stopped = measure(team, beat);
    EXPECT_EQ(stopped.segmented.end, Segmented::End::stopped);
    EXPECT_GT(stopped.segmented.saved, 0);
    EXPECT_LT(stopped.segmented.saved, 60);
    team.barrier();

    expect_undisturbed(measure(team));
}

TEST_F(SegmentStage, MeasuresNothingAgainThatIsSaved)
{
    shares.per_draw_block = 1;
    double before = 0, after = 0;
    measure(team, Heartbeat([&](double share) { before += share; }, {}));
    team.barrier();
    expect_undisturbed(measure(team, Heartbeat([&](double share) { after += share; }, {})));
    std::vector<std::uint64_t> blocks{static_cast<std::uint64_t>(before)};
    team.sum(blocks);
    EXPECT_EQ(blocks[0], 8u);
    EXPECT_EQ(after, team.leads() ? 8 : 0) << "taken over in one beat, by the leader";
}

TEST_F(SegmentStage, MeasuresDamagedAndVanishedSegmentsAgain)
{
    measure(team);
    if (team.leads())
        fs::remove(segments().back());
    damage_the_first();
    expect_undisturbed(measure(team));
}

TEST_F(SegmentStage, EndsWhereAnotherJobFinishedTheRunMeanwhile)
{
    measure(team);
    damage_the_first();
    EXPECT_EQ(measure(team, {}, true).segmented.end, Segmented::End::elsewhere);
}

TEST_F(SegmentStage, FailsOnAllRanksWhereSegmentsCantBeSaved)
{
    if (team.leads())
        std::ofstream(folder_path + "/segments") << "a file where the folder should be";
    team.barrier();
    EXPECT_THROW(measure(team), comm::GroupError);
}

} // namespace
} // namespace fa::harness
