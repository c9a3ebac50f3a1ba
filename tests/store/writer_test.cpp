#include "store/writer.hpp"

#include "store/hdf5.hpp"
#include "store/reader.hpp"
#include "tests/store/example_run.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <thread>

#include <sys/resource.h>

namespace fa::store {
namespace {

using fa::testing::bytes_of;
using fa::testing::ExampleRun;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Writing : public ::testing::Test {
  protected:
    std::string error_of(const std::vector<Slab>& slabs, const std::vector<std::uint32_t>& crcs) const
    {
        try {
            write_run(path, run.attributes, slabs, crcs);
        } catch (const StoreError& error) {
            return error.what();
        }
        return "no error";
    }
    fa::testing::ScratchFolder folder;
    std::filesystem::path path = folder / "run.h5";
    ExampleRun run;
};

TEST_F(Writing, GivesBackEveryAttribute)
{
    write_run(path, run.attributes, run.slabs(), run.crcs());
    const RunAttributes read = RunReader(path).attributes();
    EXPECT_EQ(read.name, "dfa-s42");
    EXPECT_EQ(read.architecture, "resmlp-2x7");
    EXPECT_EQ(read.width, (std::vector<std::int64_t>{7, 7, 7}));
    EXPECT_EQ(read.draw_seed, 0xffffffffffffffffu);
    EXPECT_EQ(read.feedback_sign, -1);
    EXPECT_TRUE(read.feedback_shared);
    EXPECT_EQ(read.feedback_sha256, "");
    EXPECT_EQ(read.digest, std::string(64, 'd'));
    EXPECT_EQ(read.keep, "samples");
    EXPECT_EQ(read.layers(), 3);
    EXPECT_EQ(read.samples(), 18);
}

TEST_F(Writing, GivesBackEveryByte)
{
    write_run(path, run.attributes, run.slabs(), run.crcs());
    const RunReader reader(path);
    for (std::size_t i = 0; i < run.names().size(); ++i) {
        const auto& definition = dataset_definition(run.names()[i]);
        if (definition.element == Element::f64) {
            const auto values = reader.read<double>(definition.name);
            EXPECT_EQ(checksum(std::as_bytes(std::span(values))), run.crcs()[i]) << definition.name;
        } else if (definition.element == Element::f32) {
            const auto values = reader.read<float>(definition.name);
            EXPECT_EQ(checksum(std::as_bytes(std::span(values))), run.crcs()[i]) << definition.name;
        }
    }
    EXPECT_EQ(reader.read<std::uint8_t>("accuracy/correct")[3], ExampleRun::integer(3, 3));
}

TEST_F(Writing, DependsOnNothingButTheRun)
{
    write_run(path, run.attributes, run.slabs(), run.crcs());
    std::this_thread::sleep_for(std::chrono::milliseconds(1100)); // HDF5's times count seconds
    const auto again = folder / "a-longer-name-in-the-same-folder.h5";
    write_run(again, run.attributes, run.slabs(), run.crcs());
    EXPECT_EQ(bytes_of(path), bytes_of(again));
}

TEST_F(Writing, ReplacesAFileThatIsThere)
{
    folder.write("run.h5", std::string(1'000'000, 'x'));
    write_run(path, run.attributes, run.slabs(), run.crcs());
    EXPECT_NO_THROW(RunReader(path).verify());
}

TEST_F(Writing, TakesARunWithoutDraws)
{
    const ExampleRun none(3, 0);
    write_run(path, none.attributes, none.slabs(), none.crcs());
    const RunReader reader(path);
    reader.verify();
    EXPECT_THAT(reader.shape("gamma/fresh"), ::testing::ElementsAre(0, 18, 3));
    EXPECT_TRUE(reader.read<float>("gamma/fresh").empty());
}

TEST_F(Writing, KeepsTheReasonWhyThereIsNoTrainingGamma)
{
    run.attributes.train_reason = "the checkpoint has no feedback matrices";
    const auto slabs = run.slabs();
    const auto crcs = run.crcs();
    write_run(path, run.attributes, std::span(slabs).first(7), std::span(crcs).first(7));
    const RunReader reader(path);
    EXPECT_EQ(reader.attributes().train_reason, "the checkpoint has no feedback matrices");
    EXPECT_FALSE(reader.has("gamma/train"));
}

TEST_F(Writing, KeepsWhatTheCheckpointRecordsOfItsTraining)
{
    run.attributes.recorded_method = "DFA";
    run.attributes.recorded_seed = "42";
    write_run(path, run.attributes, run.slabs(), run.crcs());
    const auto attributes = RunReader(path).attributes();
    EXPECT_EQ(attributes.recorded_method, "DFA");
    EXPECT_EQ(attributes.recorded_seed, "42");
    EXPECT_EQ(attributes.recorded_credit, "");
}

TEST_F(Writing, KeepsHowEquilibriumPropagationWasRelaxed)
{
    write_run(path, run.attributes, run.slabs(), run.crcs());
    const auto relaxation = RunReader(path).attributes().relaxation;
    ASSERT_TRUE(relaxation);
    EXPECT_EQ(relaxation->beta, 0.3);
    EXPECT_EQ(relaxation->steps, 12);
    EXPECT_EQ(relaxation->step, 0.1);
    run.attributes.relaxation.reset();
    const auto slabs = run.slabs();
    const auto crcs = run.crcs();
    write_run(path, run.attributes, std::span(slabs).first(7), std::span(crcs).first(7));
    EXPECT_FALSE(RunReader(path).attributes().relaxation);
}

TEST_F(Writing, MakesNoGammaGroupWithoutACredit)
{
    run.attributes.credit = "none";
    run.attributes.train_reason = "credit=none";
    const auto slabs = run.slabs();
    const auto crcs = run.crcs();
    write_run(path, run.attributes, std::span(slabs).first(7), std::span(crcs).first(7));
    EXPECT_FALSE(RunReader(path).has("gamma"));
}

TEST_F(Writing, LeavesTheCallersAccessListAlone)
{
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "a list");
    write_run(path, run.attributes, run.slabs(), run.crcs(), {.file = access.get()});
    H5F_libver_t low{};
    H5F_libver_t high{};
    check(H5Pget_libver_bounds(access.get(), &low, &high), "bounds");
    EXPECT_EQ(low, H5F_LIBVER_EARLIEST);
    const auto plain = folder / "plain.h5";
    write_run(plain, run.attributes, run.slabs(), run.crcs());
    EXPECT_EQ(bytes_of(path), bytes_of(plain));
}

TEST_F(Writing, RefusesAShapeThatIsNotTheRuns)
{
    auto slabs = run.slabs();
    slabs[4].shape[1] += 1;
    EXPECT_THAT(error_of(slabs, run.crcs()), AllOf(HasSubstr("norms/hidden"), HasSubstr("sample layer")));
    EXPECT_FALSE(std::filesystem::exists(path)) << "before anything is made";
}

TEST_F(Writing, RefusesRowsBeyondTheEnd)
{
    auto slabs = run.slabs();
    slabs[0].first_row = 1;
    EXPECT_THAT(error_of(slabs, run.crcs()), AllOf(HasSubstr("samples/index"), HasSubstr("beyond")));
}

TEST_F(Writing, RefusesBytesThatDoNotFitTheRows)
{
    auto slabs = run.slabs();
    slabs[0].bytes = slabs[0].bytes.first(8);
    EXPECT_THAT(error_of(slabs, run.crcs()), AllOf(HasSubstr("8 bytes"), HasSubstr("144")));
}

TEST_F(Writing, RefusesMissingChecksums)
{
    auto crcs = run.crcs();
    crcs.pop_back();
    EXPECT_THAT(error_of(run.slabs(), crcs), HasSubstr("checksums"));
}

TEST_F(Writing, NamesAFolderThatIsNotThere)
{
    path = folder / "nowhere/run.h5";
    EXPECT_THAT(error_of(run.slabs(), run.crcs()),
                AllOf(HasSubstr("nowhere/run.h5"), HasSubstr("No such file")));
}

/// A disk with room for `bytes` of each file, for the life of the object.
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk()
    {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    rlimit before_{};
    void (*handler_)(int);
};

TEST_F(Writing, TellsOfADiskTooSmallForTheFile)
{
    const SmallDisk disk(60'000); // the histograms alone take 100 kB
    EXPECT_THAT(error_of(run.slabs(), run.crcs()), AllOf(HasSubstr("run.h5"), HasSubstr("File too large")));
}

TEST_F(Writing, TellsWhichDatasetFoundTheDiskFull)
{
    create_run(path, run.attributes, run.slabs(), run.crcs());
    const SmallDisk disk(60'000);
    try {
        fill_run(path, run.attributes, run.slabs());
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("can't be written: File too large"), HasSubstr("_histogram'")));
    }
}

TEST_F(Writing, LeavesHolesWhereNumbersWillBe)
{
    create_run(path, run.attributes, run.slabs(), run.crcs());
    const RunReader reader(path);
    EXPECT_EQ(reader.attributes().name, "dfa-s42");
    EXPECT_THROW(reader.verify(), StoreError) << "an unfinished file never passes for a finished one";
}

} // namespace
} // namespace fa::store
