#include "store/discard_run.hpp"

#include "store/error.hpp"
#include "store/failure_record.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace fa::store {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class DiscardedRun : public ::testing::Test {
  protected:
    DiscardedRun() { layout.make_folders(); }
    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(layout.runs())) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }
    fa::testing::ScratchFolder folder;
    Layout layout{folder.path()};
};

TEST_F(DiscardedRun, LeavesNothingAndOtherRunsAlone)
{
    for (const std::string name : {"bp", "bp-2"}) {
        write_whole_file(layout.run(name), "a run");
        write_whole_file(layout.attempt(name), "1");
        record_failure(layout, {name, "", "a reason"});
        std::filesystem::create_directories(folder.path() / "segments" / name);
        write_whole_file(folder.path() / "segments" / name / "0-99.h5", "a part of a run");
    }
    write_whole_file(layout.runs() / "bp.txt", "somebody's");
    EXPECT_TRUE(discard_run(layout, "bp"));
    EXPECT_THAT(files(), UnorderedElementsAre("bp-2.h5", "bp-2.attempt", "bp-2.failed", "bp.txt"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "segments/bp"));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "segments/bp-2/0-99.h5"));
}

TEST_F(DiscardedRun, IsNoneWhereThereWasNoFile)
{
    EXPECT_FALSE(discard_run(layout, "bp"));
}

TEST_F(DiscardedRun, ThatCannotGoIsAnErrorWithItsPath)
{
    std::filesystem::create_directories(layout.run("bp") / "a folder in the way");
    try {
        discard_run(layout, "bp");
        FAIL() << "a folder went with its content";
    } catch (const StoreError& error) {
        EXPECT_THAT(error.what(), HasSubstr(layout.run("bp").string()));
    }
}

} // namespace
} // namespace fa::store
