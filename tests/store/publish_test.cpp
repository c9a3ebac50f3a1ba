#include "store/writer.hpp"

#include "store/error.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"
#include "tests/store/example_run.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

namespace fa::store {
namespace {

using fa::testing::bytes_of;
using fa::testing::ExampleRun;

class Publishing : public ::testing::Test {
  protected:
    Publishing()
    {
        layout.make_folders();
        write(temporary);
    }
    void write(const std::filesystem::path& path) const
    {
        write_run(path, run.attributes, run.slabs(), run.crcs());
    }

    fa::testing::ScratchFolder folder;
    Layout layout{folder.path()};
    ExampleRun run;
    std::filesystem::path temporary = layout.temporary_run("bp");
    std::filesystem::path target = layout.run("bp");
};

TEST_F(Publishing, PutsTheFileInPlace)
{
    const std::string bytes = bytes_of(temporary);
    publish(temporary, target);
    EXPECT_EQ(bytes_of(target), bytes);
    EXPECT_FALSE(std::filesystem::exists(temporary));
}

TEST_F(Publishing, ReplacesAnOldRun)
{
    folder.write("runs/bp.h5", "old");
    publish(temporary, target);
    EXPECT_NO_THROW(RunReader(target).verify());
}

TEST_F(Publishing, IsDoneWhereAnotherJobFinishedTheSameRunFirst)
{
    write(target);
    std::filesystem::remove(temporary); // as the other job's clean-up does
    EXPECT_NO_THROW(publish(temporary, target, run.attributes.digest));
}

TEST_F(Publishing, FailsWhereTheFinishedFileIsOfAnotherRun)
{
    ExampleRun other;
    other.attributes.digest = std::string(64, 'e');
    write_run(target, other.attributes, other.slabs(), other.crcs());
    std::filesystem::remove(temporary);
    EXPECT_THROW(publish(temporary, target, run.attributes.digest), StoreError);
}

TEST_F(Publishing, FailsWhereTheFinishedFileIsDamaged)
{
    auto crcs = run.crcs();
    crcs[0] ^= 1;
    write_run(target, run.attributes, run.slabs(), crcs);
    std::filesystem::remove(temporary);
    EXPECT_THROW(publish(temporary, target, run.attributes.digest), StoreError);
}

TEST_F(Publishing, FailsWhereThereIsNothingToPublish)
{
    std::filesystem::remove(temporary);
    EXPECT_THROW(publish(temporary, target), StoreError);
}

TEST_F(Publishing, RefusesAFileThatIsNoRun)
{
    std::ofstream(temporary) << "half a file";
    EXPECT_THROW(publish(temporary, target), StoreError);
    EXPECT_FALSE(std::filesystem::exists(target));
}

} // namespace
} // namespace fa::store
