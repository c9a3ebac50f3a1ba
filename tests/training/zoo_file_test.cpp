#include "training/zoo_file.hpp"

#include <gmock/gmock.h>

namespace fa::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<Recipe> parsed(const std::string& text)
{
    return parse_zoo(text, "folder", "zoo.txt");
}

std::vector<std::string> complaints(const std::string& text)
{
    try {
        parsed(text);
    } catch (const RecipeError& error) {
        return error.messages;
    }
    return {};
}

TEST(ZooFile, ReadsRunsCommentsAndDefaults)
{
    const auto zoo = parsed("# a zoo\n"
                            "default data=d.h5 seed=1 epochs=3\n"
                            "\n"
                            "name=a method=bp          # the first\n"
                            "default seed=2\r\n"
                            "name='b c' method=dfa epochs=5\n");
    ASSERT_THAT(zoo, SizeIs(2));
    EXPECT_EQ(zoo[0].name, "a");
    EXPECT_EQ(zoo[0].seed, 1U);
    EXPECT_EQ(zoo[0].epochs, 3);
    EXPECT_EQ(zoo[0].data, "folder/d.h5");
    EXPECT_EQ(zoo[1].name, "b c");
    EXPECT_EQ(zoo[1].seed, 2U);
    EXPECT_EQ(zoo[1].epochs, 5);
    EXPECT_EQ(zoo[1].method, Method::dfa);
}

TEST(ZooFile, EveryMistakeComesWithItsLine)
{
    EXPECT_THAT(complaints("default data=d.h5 name=x\n"
                           "name=a method=bp sead=1\n"
                           "name=a2 method=bp seed=1 lonely\n"
                           "name=b method=bp seed=1 note='open\n"
                           "method=bp seed=1\n"
                           "name=c method=bp seed=1\n"
                           "name=c method=ep seed=1 seed=2\n"),
                ElementsAre("zoo.txt:1: a default line can't set name: every run has its own",
                            "zoo.txt:2: unknown key 'sead' (did you mean 'seed'?)",
                            "zoo.txt:2: seed is missing", "zoo.txt:3: 'lonely' is not a key=value word",
                            HasSubstr("zoo.txt:4: unterminated quote"), "zoo.txt:5: name is missing",
                            "zoo.txt:7: key 'seed' stands twice in the line",
                            "zoo.txt:7: name 'c' is already another run's"));
}

TEST(ZooFile, WithoutRunsIsAMistake)
{
    EXPECT_THAT(complaints("# nothing\n"), ElementsAre("zoo.txt: names no run"));
}

TEST(ZooFile, ThatIsMissingIsNamed)
{
    EXPECT_THROW(
        {
            try {
                read_zoo("/nonexistent/zoo.txt");
            } catch (const RecipeError& error) {
                EXPECT_THAT(error.what(), HasSubstr("/nonexistent/zoo.txt: can't be read"));
                throw;
            }
        },
        RecipeError);
}

TEST(ZooFile, ExamplesHoldTheSameCasesForEachSeed)
{
    const auto one = read_zoo(FA_EXAMPLES "/zoo-s42.txt");
    const auto three = read_zoo(FA_EXAMPLES "/zoo.txt");
    ASSERT_THAT(one, SizeIs(10));
    ASSERT_THAT(three, SizeIs(30));
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(one[i], three[i]) << one[i].name; // seed 42's checkpoints serve both
    EXPECT_EQ(three[29].name, "cb-s456");
    EXPECT_EQ(three[29].seed, 456U);
}

} // namespace
} // namespace fa::training
