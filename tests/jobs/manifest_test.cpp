#include "jobs/manifest.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace fa::jobs {
namespace {

using fa::testing::ScratchFolder;

std::vector<RunSpec> runs_of(const std::string& text)
{
    return parse_manifest(text, "/zoo", "runs.txt", Paths::unchecked).runs;
}

constexpr const char* example = R"(# runs.txt
default data=mnist1d.h5 batch_size=128 batches=8 draws=200 frozen=frozen-s42
name=bp-s42     checkpoint=bp-s42.safetensors     method=BP  seed=42
name=dfa-s42    checkpoint=dfa-s42.safetensors    method=DFA seed=42  feedback=stored
name=frozen-s42 checkpoint=frozen-s42.safetensors method=frozen seed=42 frozen=none
)";

TEST(Manifest, ReadsTheManualsExample)
{
    const auto runs = runs_of(example);
    ASSERT_EQ(runs.size(), 3u);
    EXPECT_EQ(runs[1].name, "dfa-s42");
    EXPECT_EQ(runs[1].line, 4);
    EXPECT_EQ(runs[1].checkpoint, "/zoo/dfa-s42.safetensors");
    EXPECT_EQ(runs[1].data, "/zoo/mnist1d.h5");
    EXPECT_EQ(runs[1].method, "DFA");
    EXPECT_EQ(runs[1].seed, 42);
    EXPECT_EQ(runs[1].draws, 200);
    EXPECT_EQ(std::get<std::string>(runs[1].frozen), "frozen-s42");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(runs[2].frozen));
}

TEST(Manifest, HasTheDesignsDefaults)
{
    const RunSpec run = runs_of("checkpoint=a.st data=d.h5").at(0);
    EXPECT_EQ(run.model, "auto");
    EXPECT_EQ(run.credit, Credit::dfa);
    EXPECT_EQ(run.loss, Loss::cross_entropy);
    EXPECT_TRUE(std::holds_alternative<StoredFeedback>(run.feedback));
    EXPECT_EQ(run.feedback_sign, 1);
    EXPECT_FALSE(run.feedback_shared);
    EXPECT_EQ(run.feedback_distribution, std::nullopt);
    EXPECT_EQ(run.draws, 200);
    EXPECT_EQ(run.batches, 8);
    EXPECT_EQ(run.batch_size, 128);
    EXPECT_EQ(run.seed, std::nullopt);
    EXPECT_EQ(run.headline, std::nullopt);
}

TEST(Manifest, CallsARunAfterItsCheckpoint)
{
    EXPECT_EQ(runs_of("checkpoint=zoo/bp-s42.safetensors data=d.h5").at(0).name, "bp-s42");
}

TEST(Manifest, ARunsNameDependsOnNoFileThatIsThereOrNot)
{
    const ScratchFolder folder;
    folder.write("d.h5", "x");
    folder.write("a.pt", "x");
    folder.write("b.pt:model", "x");
    const std::string text = "default data=d.h5\ncheckpoint=a.pt:model\ncheckpoint=b.pt:model\n";
    const auto there = parse_manifest(text, folder.path(), "runs.txt", Paths::must_exist).runs;
    const auto elsewhere = parse_manifest(text, "/zoo", "runs.txt", Paths::unchecked).runs;
    for (const auto& runs : {there, elsewhere}) {
        EXPECT_EQ(runs.at(0).name, "a");
        EXPECT_EQ(runs.at(1).name, "b");
    }
    EXPECT_EQ(there[0].checkpoint_part, "model");
    EXPECT_EQ(there[1].checkpoint_part, "") << "its file has that name";
}

TEST(Manifest, DefaultsHoldForLinesBelowOnly)
{
    const auto runs = runs_of("default data=d.h5\n"
                              "checkpoint=a.st\n"
                              "default draws=7 data=e.h5\n"
                              "checkpoint=b.st\n"
                              "checkpoint=c.st draws=9\n"
                              "default draws=8\n"
                              "checkpoint=d.st\n");
    EXPECT_EQ(runs[0].draws, 200);
    EXPECT_EQ(runs[0].data, "/zoo/d.h5");
    EXPECT_EQ(runs[1].draws, 7);
    EXPECT_EQ(runs[1].data, "/zoo/e.h5");
    EXPECT_EQ(runs[2].draws, 9);
    EXPECT_EQ(runs[3].draws, 8) << "a run's own value leaves the default alone";
}

TEST(Manifest, BaselinesMayStandBelowTheRunsThatNameThem)
{
    const auto runs = runs_of("default data=d.h5\ncheckpoint=a.st frozen=f\ncheckpoint=f.st\n");
    EXPECT_EQ(std::get<std::string>(runs[0].frozen), "f");
}

TEST(Manifest, NeedsNoDataForWhatWasMeasuredElsewhere)
{
    EXPECT_TRUE(runs_of("checkpoint=a.h5 model=tensors").at(0).is_tensors());
    EXPECT_EQ(runs_of("default data=d.h5\ncheckpoint=a.h5 model=tensors").at(0).data, "/zoo/d.h5");
}

TEST(Manifest, DrawsNothingWithoutACredit)
{
    EXPECT_EQ(runs_of("checkpoint=a.st data=d.h5 credit=none draws=100").at(0).draws, 0);
}

TEST(Manifest, ForgetsWhatDefaultsSayOfFeedbackForRulesWithoutIt)
{
    const auto runs =
        runs_of("default data=d.h5 draws=100 feedback=seed:7 feedback_sign=-1 feedback_shared=true "
                "feedback_distribution=permute\n"
                "checkpoint=a.st credit=ep\ncheckpoint=b.st\n");
    EXPECT_EQ(runs[0].draws, 0);
    EXPECT_TRUE(std::holds_alternative<NoFeedback>(runs[0].feedback));
    EXPECT_EQ(runs[0].feedback_sign, 1);
    EXPECT_FALSE(runs[0].feedback_shared);
    EXPECT_FALSE(runs[0].feedback_distribution);
    EXPECT_EQ(runs[1].draws, 100);
    EXPECT_EQ(to_string(runs[1].feedback), "seed:7");
}

TEST(Manifest, ReadsWindowsTextAndTheLastLineWithoutItsEnd)
{
    const auto runs = runs_of("\xef\xbb\xbf"
                              "default data=d.h5\r\n\r\nname=a checkpoint=a.st\r\nname=b checkpoint=b.st");
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].checkpoint, "/zoo/a.st");
    EXPECT_EQ(runs[1].line, 4);
}

TEST(Manifest, KeepsItsTextVerbatim)
{
    const std::string text = "\xef\xbb\xbf# hello\r\ncheckpoint=a.st data=d.h5 \r\n";
    EXPECT_EQ(parse_manifest(text, "", "runs.txt", Paths::unchecked).text, text);
}

TEST(Manifest, LooksForFilesBesideIt)
{
    const ScratchFolder folder;
    folder.write("zoo/a.st", "x");
    folder.write("d.h5", "x");
    folder.write("sub/runs.txt", "checkpoint=../zoo/a.st data=../d.h5 feedback='../zoo/a.st'\n");
    const Manifest manifest = read_manifest(folder / "sub/runs.txt");
    EXPECT_EQ(manifest.runs.at(0).checkpoint, folder / "zoo/a.st");
    EXPECT_EQ(std::get<FileFeedback>(manifest.runs.at(0).feedback).path, folder / "zoo/a.st");
}

TEST(Manifest, ReadsPathsWithSpaces)
{
    EXPECT_EQ(runs_of("checkpoint=\"my zoo/a b.st\" data='d e.h5'").at(0).checkpoint, "/zoo/my zoo/a b.st");
}

} // namespace
} // namespace fa::jobs
