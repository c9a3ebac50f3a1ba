/// All sides of a team's collectives that need no GPU, against what each rank knows of the others.
#include "harness/collectives.hpp"

#include "harness/comm/mpi_backend.hpp"
#include "harness/mpi_collectives.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <memory>
#include <string>

namespace fa::harness {
namespace {

struct Side {
    const char* name;
    std::unique_ptr<const Collectives> (*make)(const comm::Communicator& team);
};

void PrintTo(const Side& side, std::ostream* out)
{
    *out << side.name;
}

class EverySide : public ::testing::TestWithParam<Side> {
  protected:
    comm::Communicator team{comm::make_mpi_backend(MPI_COMM_WORLD)};
    std::unique_ptr<const Collectives> collectives = GetParam().make(team);
};

/// A rank's byte at a place: no two ranks' buffers are alike.
std::uint8_t byte_of(int rank, std::int64_t place)
{
    return static_cast<std::uint8_t>(31 * rank + 7 * place + 1);
}

void fill(at::Tensor bytes, int rank)
{
    for (std::int64_t i = 0; i < bytes.numel(); ++i)
        bytes.data_ptr<std::uint8_t>()[i] = byte_of(rank, i);
}

void expect_those_of_every_rank(const at::Tensor& all, std::int64_t bytes)
{
    std::int64_t wrong = 0;
    for (int rank = 0; rank < all.size(0); ++rank)
        for (std::int64_t i = 0; i < bytes; ++i)
            wrong += all.const_data_ptr<std::uint8_t>()[rank * bytes + i] != byte_of(rank, i);
    EXPECT_EQ(wrong, 0) << "of " << all.numel() << " bytes";
}

TEST_P(EverySide, GathersBytesInRankOrder)
{
    for (const std::int64_t bytes : {1, 64, 1000, 4096}) {
        const auto mine = at::empty({bytes}, at::kByte);
        fill(mine, team.rank());
        auto all = at::zeros({team.size(), bytes}, at::kByte);
        collectives->all_gather(mine, all);
        expect_those_of_every_rank(all, bytes);
    }
}

TEST_P(EverySide, GathersIntoThePlaceWhereEachRanksBytesLie)
{
    constexpr std::int64_t bytes = 1000;
    auto all = at::zeros({team.size(), bytes}, at::kByte);
    fill(all.select(0, team.rank()), team.rank());
    collectives->all_gather(all.select(0, team.rank()), all);
    expect_those_of_every_rank(all, bytes);
}

TEST_P(EverySide, SumsCountsExactly)
{
    const std::int64_t big = (std::int64_t{1} << 60) + 1; // a double would lose the 1
    auto counts = at::tensor({big, std::int64_t{team.rank()}, std::int64_t{0}}, at::kLong);
    collectives->sum(counts);
    const std::int64_t ranks = team.size();
    EXPECT_TRUE(
        at::equal(counts, at::tensor({big * ranks, ranks * (ranks - 1) / 2, std::int64_t{0}}, at::kLong)));
}

TEST_P(EverySide, SumsBitsOfDoublesIntoCopies)
{
    auto values = at::zeros({team.size()}, at::kDouble);
    const auto value = [](int rank) {
        return rank == 1 ? std::numeric_limits<double>::quiet_NaN() : -1.5 / (rank + 1);
    };
    values.data_ptr<double>()[team.rank()] = value(team.rank());
    auto bits = values.view(at::kLong);
    collectives->sum(bits);
    auto expected = at::empty({team.size()}, at::kDouble);
    for (int rank = 0; rank < team.size(); ++rank)
        expected.data_ptr<double>()[rank] = value(rank);
    EXPECT_TRUE(at::equal(bits, expected.view(at::kLong))) << "NaN is copied, too";
}

INSTANTIATE_TEST_SUITE_P(
    Collectives, EverySide,
    ::testing::Values(
        Side{"chosen", [](const comm::Communicator& team) { return make_collectives(team, at::kCPU); }},
        Side{"direct", [](const comm::Communicator& team) { return mpi_collectives(team); }},
        Side{"staged", [](const comm::Communicator& team) { return staged_mpi_collectives(team, at::kCPU); }},
        Side{"in_slabs",
             [](const comm::Communicator& team) { return staged_mpi_collectives(team, at::kCPU, 300); }}),
    [](const auto& side) { return std::string(side.param.name); });

TEST(MakeCollectives, TakesMpiOnCpus)
{
    const comm::Communicator team(comm::make_mpi_backend(MPI_COMM_WORLD));
    const auto collectives = make_collectives(team, at::kCPU);
    EXPECT_EQ(collectives->name(), team.size() == 1 ? "one rank" : "MPI");
    EXPECT_EQ(collectives->device(), at::Device(at::kCPU));
}

} // namespace
} // namespace fa::harness
