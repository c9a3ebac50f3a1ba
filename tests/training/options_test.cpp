#include "tests/support/scratch_folder.hpp"
#include "training/options.hpp"

#include <gmock/gmock.h>

namespace fa::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class CommandLine : public ::testing::Test {
  protected:
    CommandLine() { data = folder.write("d.h5", "").string(); }

    static Options read(const std::vector<std::string>& words)
    {
        std::vector<const char*> arguments;
        for (const auto& word : words)
            arguments.push_back(word.c_str());
        return read_options(arguments);
    }
    static std::vector<std::string> complaints(const std::vector<std::string>& words)
    {
        try {
            read(words);
        } catch (const UsageError& error) {
            return error.messages;
        }
        return {};
    }

    fa::testing::ScratchFolder folder;
    std::string data;
};

TEST_F(CommandLine, OfTheIssueIsUnderstood)
{
    const auto options = read({"--method", "dfa", "--seed", "42", "--epochs", "12", "--lr", "3e-2", "--data",
                               data, "--output", "zoo/dfa-s42.safetensors"});
    ASSERT_THAT(options.jobs, SizeIs(1));
    const auto& [recipe, output] = options.jobs.front();
    EXPECT_EQ(recipe.name, "dfa-s42");
    EXPECT_EQ(recipe.method, Method::dfa);
    EXPECT_EQ(recipe.learning_rate, 0.03);
    EXPECT_EQ(output, "zoo/dfa-s42.safetensors");
    EXPECT_EQ(options.threads, 1);
}

TEST_F(CommandLine, TakesDashesAndUnderscoresAlike)
{
    const auto options = read({"--method=ep", "--seed=1", "--batch_size=7", "--ep-beta", "0.5",
                               "--data=" + data, "--output=x_y.safetensors"});
    EXPECT_EQ(options.jobs.front().recipe.batch_size, 7);
    EXPECT_EQ(options.jobs.front().recipe.ep_beta, 0.5);
    EXPECT_EQ(options.jobs.front().output, "x_y.safetensors"); // values keep theirs
}

TEST_F(CommandLine, ZooGivesAFileForEachRun)
{
    const auto zoo =
        folder.write("zoo.txt", "default data=d.h5 seed=1\nname=a method=bp\nname=b method=ep\n");
    const auto options = read({"--zoo", zoo.string(), "--output", "out", "--threads", "2"});
    ASSERT_THAT(options.jobs, SizeIs(2));
    EXPECT_EQ(options.jobs[0].output, "out/a.safetensors");
    EXPECT_EQ(options.jobs[1].output, "out/b.safetensors");
    EXPECT_EQ(options.threads, 2);
}

TEST_F(CommandLine, ConfigFileAddsWhatTheCommandLineLeavesOpen)
{
    const auto config =
        folder.write("train.cfg", "method = bp\nseed = 5\nbatch_size = 9\ndata = " + data + "\n");
    const auto recipe =
        read({"--config", config.string(), "--seed", "6", "--output", "x.safetensors"}).jobs.front().recipe;
    EXPECT_EQ(recipe.seed, 6U);
    EXPECT_EQ(recipe.batch_size, 9);
}

TEST_F(CommandLine, MistakesAreReportedTogether)
{
    const auto messages = complaints({"--methud", "bp", "--epochs", "many", "stray", "--data",
                                      "/nonexistent.h5", "--threads", "0", "--method", "bp", "--seed", "1"});
    EXPECT_THAT(messages,
                ElementsAre("unknown option '--methud' (did you mean '--method'?)",
                            HasSubstr("'stray' belongs to no option"),
                            HasSubstr("--threads 0 is not a number of 1 to 1024"),
                            HasSubstr("--output is missing"), HasSubstr("epochs=many is not a number")));
}

TEST_F(CommandLine, AnUnknownWordOfTheConfigFileIsNamedWithTheFile)
{
    const auto config = folder.write("train.cfg", "batch_sise = 9\n");
    EXPECT_THAT(
        complaints({"--config", config.string(), "--method=bp", "--seed=1", "--data", data, "--output=x"}),
        ElementsAre(::testing::AllOf(HasSubstr("train.cfg: unknown option"),
                                     HasSubstr("did you mean '--batch-size'?"))));
}

TEST_F(CommandLine, DataThatDoesNotExistIsAMistakeBeforeTraining)
{
    EXPECT_THAT(complaints({"--method=bp", "--seed=1", "--data=/nonexistent.h5", "--output=x"}),
                ElementsAre("data file /nonexistent.h5 does not exist"));
}

TEST_F(CommandLine, RecipeOptionsDontStandBesideAZoo)
{
    const auto zoo = folder.write("zoo.txt", "name=a method=bp seed=1 data=d.h5\n");
    EXPECT_THAT(complaints({"--zoo", zoo.string(), "--seed", "3"}),
                ElementsAre(HasSubstr("--seed can't stand beside --zoo")));
}

TEST_F(CommandLine, HelpAndVersionWinOverEverything)
{
    EXPECT_EQ(read({"--help", "--seed", "x"}).wish, Options::Wish::help);
    EXPECT_EQ(read({"--version"}).wish, Options::Wish::version);
    for (const auto key : recipe_keys()) {
        std::string option(key);
        std::ranges::replace(option, '_', '-');
        EXPECT_THAT(help_text(), HasSubstr("--" + option));
    }
}

} // namespace
} // namespace fa::training
