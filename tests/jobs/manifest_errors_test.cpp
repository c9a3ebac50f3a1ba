/// What a wrong manifest gets: every error, each with its line, in one go.
#include "jobs/manifest.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace fa::jobs {
namespace {

using fa::testing::ScratchFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> errors_of(const std::string& text, Paths paths = Paths::unchecked,
                                   const std::filesystem::path& folder = "/zoo")
{
    try {
        parse_manifest(text, folder, "runs.txt", paths);
    } catch (const ManifestError& error) {
        return error.messages;
    }
    return {};
}

TEST(ManifestErrors, SuggestTheNearestKeyWithFileAndLine)
{
    EXPECT_THAT(errors_of("\n\n\n\n\n\ncheckpoint=a.st data=d.h5 feedbak=stored"),
                ElementsAre("runs.txt:7: unknown key 'feedbak' (did you mean 'feedback'?)"));
}

TEST(ManifestErrors, AreAllReportedInTheOrderOfLines)
{
    const ScratchFolder folder;
    folder.write("a.st", "x");
    folder.write("d.h5", "x");
    const auto errors = errors_of("default data=d.h5 frozen=frozn\n"      // 1 names no run
                                  "name=a checkpoint=a.st draws=-3\n"     // 2 out of range
                                  "name=a checkpoint=a.st\n"              // 3 duplicate name
                                  "name=b checkpoint=gone.st\n"           // 4 missing file
                                  "name=frozen checkpoint=a.st note='x\n" // 5 unterminated quote
                                  "name=c checkpoint=a.st drawz=3\n",     // 6 unknown key
                                  Paths::must_exist, folder.path());
    EXPECT_THAT(errors,
                ElementsAre(AllOf(StartsWith("runs.txt:1: frozen=frozn names no run"), HasSubstr("'frozen'")),
                            StartsWith("runs.txt:2: draws=-3"),
                            AllOf(StartsWith("runs.txt:3: duplicate name 'a'"), HasSubstr("first in line 2")),
                            AllOf(StartsWith("runs.txt:4: checkpoint=gone.st"), HasSubstr("no such file")),
                            StartsWith("runs.txt:5: unterminated quote"),
                            AllOf(StartsWith("runs.txt:6: unknown key 'drawz'"), HasSubstr("'draws'"))));
}

TEST(ManifestErrors, StandInWhatOneALine)
{
    try {
        parse_manifest("checkpoint=a.st data=d.h5 x=1\ny=2\n", "", "runs.txt", Paths::unchecked);
        FAIL();
    } catch (const ManifestError& error) {
        EXPECT_EQ(std::string(error.what()), error.messages.at(0) + "\n" + error.messages.at(1));
    }
}

TEST(ManifestErrors, NameAKeyGivenTwice)
{
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5 seed=1 seed=1"),
                ElementsAre("runs.txt:1: key 'seed' is given twice"));
}

TEST(ManifestErrors, NameAWordThatIsNoSetting)
{
    EXPECT_THAT(
        errors_of("checkpoint=a.st data=d.h5 note=two words"),
        ElementsAre(AllOf(StartsWith("runs.txt:1: 'words' is no key=value word"), HasSubstr("quote"))));
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5 =3"), ElementsAre(HasSubstr("no key before the '='")));
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5 default"), ElementsAre(HasSubstr("first word")));
}

TEST(ManifestErrors, NameWhatARunLacks)
{
    EXPECT_THAT(errors_of("name=a data=d.h5"), ElementsAre(HasSubstr("no checkpoint")));
    EXPECT_THAT(errors_of("checkpoint=a.st"), ElementsAre(HasSubstr("no data")));
}

TEST(ManifestErrors, DoNotCallAWrongValueMissingToo)
{
    const ScratchFolder folder;
    EXPECT_THAT(errors_of("name=a checkpoint=gone.st data=gone.h5", Paths::must_exist, folder.path()),
                ElementsAre(HasSubstr("gone.st"), HasSubstr("gone.h5")));
}

TEST(ManifestErrors, NameAWrongDefaultOnce)
{
    const ScratchFolder folder;
    folder.write("a.st", "x");
    EXPECT_THAT(errors_of("default data=gone.h5\nname=a checkpoint=a.st\nname=b checkpoint=a.st\n",
                          Paths::must_exist, folder.path()),
                ElementsAre(StartsWith("runs.txt:1: data=gone.h5")));
}

TEST(ManifestErrors, DoNotCallMissingWhatAnUnreadableDefaultMayHaveSaid)
{
    EXPECT_THAT(errors_of("default data=\xfc.h5\ncheckpoint=a.st\n"),
                ElementsAre(StartsWith("runs.txt:1: byte 252")));
}

TEST(ManifestErrors, NameDuplicatesThatComeFromTheCheckpointsName)
{
    EXPECT_THAT(errors_of("default data=d.h5\ncheckpoint=x/a.st\ncheckpoint=y/a.st"),
                ElementsAre(AllOf(StartsWith("runs.txt:3: duplicate name 'a'"), HasSubstr("checkpoint"))));
}

TEST(ManifestErrors, NameACheckpointThatCannotNameARun)
{
    EXPECT_THAT(errors_of("checkpoint=.a.st data=d.h5"),
                ElementsAre(HasSubstr("give the run another name=")));
}

TEST(ManifestErrors, RefuseANameForAll)
{
    EXPECT_THAT(errors_of("default data=d.h5 name=a\ncheckpoint=b.st"),
                ElementsAre(StartsWith("runs.txt:1: name=a")));
}

TEST(ManifestErrors, RefuseARunAsItsOwnBaseline)
{
    EXPECT_THAT(errors_of("default data=d.h5 frozen=f\ncheckpoint=a.st\ncheckpoint=f.st"),
                ElementsAre(AllOf(StartsWith("runs.txt:3: frozen=f"), HasSubstr("frozen=none"))));
}

TEST(ManifestErrors, SayThatABaselineInPercentIsNoFraction)
{
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5 frozen=34.9"),
                ElementsAre(HasSubstr("an accuracy as a fraction")));
}

TEST(ManifestErrors, RefuseToShuffleWhatIsUnknown)
{
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5 feedback=none feedback_distribution=permute"),
                ElementsAre(HasSubstr("permute")));
}

TEST(ManifestErrors, RefuseMoreSamplesThanCanBeCounted)
{
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5 batches=100000 batch_size=100000"),
                ElementsAre(HasSubstr("samples")));
}

TEST(ManifestErrors, RefuseAManifestWithoutRuns)
{
    EXPECT_THAT(errors_of(""), ElementsAre(StartsWith("runs.txt: the manifest names no run")));
    EXPECT_THAT(errors_of("# nothing\ndefault draws=3\n"), ElementsAre(HasSubstr("names no run")));
}

TEST(ManifestErrors, NameTheLineThatIsNoText)
{
    EXPECT_THAT(errors_of("checkpoint=a.st data=d.h5\nnote=R\xfc"
                          "ck\n"),
                ElementsAre(StartsWith("runs.txt:2: byte 252")));
}

TEST(ManifestErrors, StopAtAZeroByte)
{
    const std::string binary("\x7f"
                             "ELF\0\0\0\n\0\0\n\x01\x02\n",
                             14);
    EXPECT_THAT(errors_of(binary), ElementsAre(StartsWith("runs.txt:1: control character 127")));
}

TEST(ManifestErrors, EndWhereNobodyReadsOn)
{
    std::string words = "checkpoint=a.st data=d.h5";
    for (int i = 0; i < 1000; ++i)
        words += " x";
    for (const auto& text : {words + "\n", [] {
                                 std::string lines;
                                 for (int i = 0; i < 1000; ++i)
                                     lines += "x\n";
                                 return lines;
                             }()}) {
        const auto errors = errors_of(text);
        EXPECT_EQ(errors.size(), 101u);
        EXPECT_EQ(errors.back(), "runs.txt: more errors are not listed");
    }
}

TEST(ManifestErrors, NameAMissingManifest)
{
    const ScratchFolder folder;
    EXPECT_THROW(
        try { read_manifest(folder / "runs.txt"); } catch (const ManifestError& error) {
            EXPECT_THAT(error.messages,
                        ElementsAre(AllOf(HasSubstr("runs.txt"), HasSubstr("no such manifest"))));
            throw;
        },
        ManifestError);
    EXPECT_THROW(read_manifest(folder.path()), ManifestError);
}

} // namespace
} // namespace fa::jobs
