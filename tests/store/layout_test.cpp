#include "store/layout.hpp"

#include "store/error.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <set>

#include <sys/stat.h>

namespace fa::store {
namespace {

using fa::testing::bytes_of;
using fa::testing::ScratchFolder;

TEST(Layout, IsTheDesigns)
{
    const Layout layout("out");
    EXPECT_EQ(layout.run("bp"), "out/runs/bp.h5");
    EXPECT_EQ(layout.failed("bp"), "out/runs/bp.failed");
    EXPECT_EQ(layout.attempt("bp"), "out/runs/bp.attempt");
    EXPECT_EQ(layout.manifest(), "out/manifest.txt");
    EXPECT_EQ(layout.audit(), "out/audit.h5");
    EXPECT_EQ(layout.provenance(), "out/provenance.jsonl");
    EXPECT_EQ(layout.tables(), "out/tables");
    EXPECT_EQ(layout.cache(), "out/cache");
}

TEST(Layout, TemporaryNamesAreHiddenUniqueAndBesideTheirTarget)
{
    const Layout layout("out");
    std::set<std::string> names;
    for (int i = 0; i < 100; ++i) {
        const auto path = layout.temporary_run("bp.v1");
        EXPECT_EQ(path.parent_path(), "out/runs");
        EXPECT_TRUE(path.filename().string().starts_with(".bp.v1.h5."));
        names.insert(path.string());
    }
    EXPECT_EQ(names.size(), 100u);
}

TEST(Layout, TemporaryNamesOfTheLongestRunFitAFileSystem)
{
    EXPECT_LE(Layout("out").temporary_run(std::string(200, 'n')).filename().string().size(), 255u);
}

TEST(Layout, MakesItsFolders)
{
    const ScratchFolder folder;
    const Layout layout(folder / "a/b");
    layout.make_folders();
    layout.make_folders();
    EXPECT_TRUE(std::filesystem::is_directory(layout.runs()));
    EXPECT_TRUE(std::filesystem::is_directory(layout.cache()));
}

TEST(Layout, NamesAFolderThatCannotBeMade)
{
    const ScratchFolder folder;
    const Layout layout(folder.write("file", "") / "out");
    try {
        layout.make_folders();
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr((folder / "file/out/runs").string()));
    }
}

TEST(Layout, RemovesTheLeftoversOfWhatIsThere)
{
    const ScratchFolder folder;
    const Layout layout(folder.path());
    layout.make_folders();
    const auto touch = [](const std::filesystem::path& path) { std::ofstream(path) << "x"; };
    touch(layout.temporary_run("a"));
    touch(layout.temporary_run("a"));
    touch(temporary_name(layout.failed("a"))); // it failed before
    touch(layout.temporary_run("a.h5.b"));     // ".a.h5.b.h5.…" only looks like one of run a
    touch(layout.temporary_run("ab"));
    touch(layout.run("a"));
    touch(temporary_name(layout.manifest()));
    touch(layout.manifest());
    touch(layout.root() / ".a file of someone else's");
    layout.remove_leftovers();
    EXPECT_EQ(std::ranges::count_if(std::filesystem::directory_iterator(layout.root()),
                                    [](const auto& entry) { return entry.is_regular_file(); }),
              2);
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(layout.runs())) {
        left.push_back(entry.path().filename().string());
    }
    EXPECT_THAT(left, ::testing::UnorderedElementsAre("a.h5", ::testing::StartsWith(".a.h5.b.h5."),
                                                      ::testing::StartsWith(".ab.h5.")));
}

TEST(Layout, HasNoLeftoversWhereThereIsNoFolder)
{
    EXPECT_NO_THROW(Layout("/nowhere").remove_leftovers());
}

TEST(WholeFile, ReplacesWhatWasThereAndLeavesNothingElse)
{
    const ScratchFolder folder;
    const auto path = folder.write("manifest.txt", "old and longer");
    write_whole_file(path, "new");
    EXPECT_EQ(bytes_of(path), "new");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WholeFile, KeepsTheOldOneWhenItCannotBeReplaced)
{
    const ScratchFolder folder;
    folder.write("taken/inside", "x"); // a folder that isn't empty can't be renamed over
    EXPECT_THROW(write_whole_file(folder / "taken", "new"), StoreError);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WholeFile, NamesAFolderThatIsNotThere)
{
    EXPECT_THROW(write_whole_file("/nowhere/at/all.txt", "x"), StoreError);
}

} // namespace
} // namespace fa::store
