/// Run files written by several ranks at once (design 6, 7): the same bytes as by one process, and truly
/// collective.
#include "store/hdf5.hpp"
#include "store/reader.hpp"
#include "store/writer.hpp"
#include "tests/store/example_run.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <csignal>
#include <optional>

#include <sys/resource.h>

namespace fa::store {
namespace {

using fa::testing::bytes_of;
using fa::testing::ExampleRun;
using fa::testing::ScratchFolder;

class ParallelWriting : public ::testing::Test {
  protected:
    ParallelWriting()
    {
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &ranks);
        std::array<char, 512> name{};
        if (rank == 0) {
            folder.emplace();
            folder->path().string().copy(name.data(), name.size() - 1);
        }
        MPI_Bcast(name.data(), static_cast<int>(name.size()), MPI_CHAR, 0, MPI_COMM_WORLD);
        shared = name.data();
        check(H5Pset_fapl_mpio(file.get(), MPI_COMM_WORLD, MPI_INFO_NULL), "mpio");
        check(H5Pset_dxpl_mpio(transfer.get(), H5FD_MPIO_COLLECTIVE), "collective");
    }
    ~ParallelWriting() override { MPI_Barrier(MPI_COMM_WORLD); } // before rank 0 removes the folder

    /// As a team does it: one rank creates, all fill.
    void write_together(const std::filesystem::path& path, const RunAttributes& attributes,
                        std::span<const Slab> slabs, std::span<const std::uint32_t> crcs) const
    {
        if (rank == 0) {
            create_run(path, attributes, slabs, crcs);
        }
        MPI_Barrier(MPI_COMM_WORLD);
        fill_run(path, attributes, slabs, {file.get(), transfer.get()});
    }
    int rank = 0;
    int ranks = 1;
    std::optional<ScratchFolder> folder;
    std::filesystem::path shared;
    Handle file{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "an access list"};
    Handle transfer{H5Pcreate(H5P_DATASET_XFER), H5Pclose, "a transfer list"};
    ExampleRun run;
};

TEST_F(ParallelWriting, GivesTheBytesThatOneProcessGives)
{
    write_together(shared / "together.h5", run.attributes, run.slabs(rank, ranks), run.crcs());
    if (rank == 0) {
        write_run(shared / "alone.h5", run.attributes, run.slabs(), run.crcs());
        EXPECT_TRUE(bytes_of(shared / "together.h5") == bytes_of(shared / "alone.h5"));
        EXPECT_GT(bytes_of(shared / "alone.h5").size(), 100'000u);
        RunReader(shared / "together.h5").verify();
    }
}

TEST_F(ParallelWriting, GivesTheSameBytesWhereARankHasNothingAtAll)
{
    // The last rank takes part without a row: all rows are the others'.
    const int writers = std::max(1, ranks - 1);
    auto slabs = run.slabs(std::min(rank, writers - 1), writers);
    if (rank >= writers) {
        for (Slab& slab : slabs) {
            slab.rows = 0;
            slab.bytes = {};
        }
    }
    write_together(shared / "together.h5", run.attributes, slabs, run.crcs());
    if (rank == 0) {
        write_run(shared / "alone.h5", run.attributes, run.slabs(), run.crcs());
        EXPECT_TRUE(bytes_of(shared / "together.h5") == bytes_of(shared / "alone.h5"));
    }
}

TEST_F(ParallelWriting, TakesARunWithoutDraws)
{
    const ExampleRun none(3, 0);
    write_together(shared / "together.h5", none.attributes, none.slabs(rank, ranks), none.crcs());
    if (rank == 0) {
        write_run(shared / "alone.h5", none.attributes, none.slabs(), none.crcs());
        EXPECT_TRUE(bytes_of(shared / "together.h5") == bytes_of(shared / "alone.h5"));
    }
}

TEST_F(ParallelWriting, TransfersEachDatasetCollectively)
{
    // A type conversion, or a selection on a rank without rows, would silently make the transfers
    // independent.
    const auto slabs = run.slabs(rank, ranks);
    const auto crcs = run.crcs();
    for (std::size_t i = 0; i < slabs.size(); ++i) {
        write_together(shared / "one.h5", run.attributes, std::span(slabs).subspan(i, 1),
                       std::span(crcs).subspan(i, 1));
        H5D_mpio_actual_io_mode_t mode{};
        check(H5Pget_mpio_actual_io_mode(transfer.get(), &mode), "the mode");
        EXPECT_EQ(mode, H5D_MPIO_CONTIGUOUS_COLLECTIVE) << slabs[i].dataset;
    }
}

TEST_F(ParallelWriting, KeepsTheReasonWhyThereIsNoTrainingGamma)
{
    run.attributes.train_reason = "feedback=none";
    const auto slabs = run.slabs(rank, ranks);
    const auto crcs = run.crcs();
    write_together(shared / "run.h5", run.attributes, std::span(slabs).first(7), std::span(crcs).first(7));
    if (rank == 0) {
        EXPECT_EQ(RunReader(shared / "run.h5").attributes().train_reason, "feedback=none");
    }
}

TEST_F(ParallelWriting, LetsEveryRankCreateTheSameFile)
{
    write_run(shared / "all.h5", run.attributes, run.slabs(rank, ranks), run.crcs(),
              {file.get(), transfer.get()});
    if (rank == 0) {
        write_run(shared / "alone.h5", run.attributes, run.slabs(), run.crcs());
        EXPECT_TRUE(bytes_of(shared / "all.h5") == bytes_of(shared / "alone.h5"));
    }
}

TEST_F(ParallelWriting, EndsOnAllRanksWhenOneCannotWrite)
{
    // The last rank's disk is full: its part fails. All ranks must come out of the call, and that one must
    // say so.
    if (rank == 0) {
        create_run(shared / "full.h5", run.attributes, run.slabs(), run.crcs());
    }
    MPI_Barrier(MPI_COMM_WORLD);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const bool small = rank == ranks - 1;
    if (small) {
        const rlimit limit{20'000, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    bool failed = false;
    try {
        fill_run(shared / "full.h5", run.attributes, run.slabs(rank, ranks), {file.get(), transfer.get()});
    } catch (const StoreError&) {
        failed = true;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(failed, small);
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) {
        EXPECT_THROW(RunReader(shared / "full.h5").verify(), StoreError);
    }
}

} // namespace
} // namespace fa::store
