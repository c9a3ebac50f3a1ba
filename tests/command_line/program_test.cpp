#include "command_line/program.hpp"

#include <boost/program_options/value_semantic.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <string>

using namespace fa::command_line;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

namespace po = boost::program_options;

Program example(const std::string& description)
{
    po::options_description group("A group: of options", 110);
    group.add_options()("file", po::value<std::string>()->value_name("FILE")->default_value("x"),
                        description.c_str())("help,h", po::bool_switch(), "it's [this]: a \\ text");
    return {"fa-x",
            "does x",
            {"fa-x DIR [options]"},
            {".begins with a dot"},
            {group},
            {{0, "well"}, {9, "not"}},
            {},
            {},
            {"fa-y(1)"}};
}

TEST(TitleOf, IsTheGroupsCaption)
{
    EXPECT_EQ(title_of(example("d").groups.front()), "A group: of options");
}

TEST(ManPage, EscapesWhatRoffWouldTakeForItsOwn)
{
    const auto page = man_page(example(".TH 'quoted \\n Γ ‖x‖ a-b"), "1.2");
    EXPECT_THAT(page, AllOf(HasSubstr("\n\\&.TH \\&'quoted \\en \\[u0393] \\[u2016]x\\[u2016] a\\-b\n"),
                            HasSubstr("\n\\&.begins"), HasSubstr("\\fB\\-h\\fR, \\fB\\-\\-help\\fR"),
                            HasSubstr("\\fB\\-\\-file\\fR \\fIFILE\\fR (=x)")));
    for (const char c : page) {
        EXPECT_GE(c, 0);
    }
}

TEST(ZshCompletion, EscapesWhatArgumentsWouldTakeForItsOwn)
{
    EXPECT_THAT(zsh_completion(example("d")), HasSubstr("'*--help[it'\\''s \\[this\\]\\: a \\\\ text]'"));
}

TEST(Help, SaysUsageOptionsAndExitCodes)
{
    EXPECT_THAT(help(example("d")), AllOf(HasSubstr("usage: fa-x DIR"), HasSubstr("--file FILE (=x)"),
                                          HasSubstr("Exit codes: 0 well, 9 not.")));
}

TEST(HelpAs, AnswersOnlyItsOwnOption)
{
    const std::array<const char*, 1> other{"--help"};
    EXPECT_EQ(help_as(example("d"), "1", other), std::nullopt);
    const std::array<const char*, 2> unknown{"--help-as", "fish"};
    EXPECT_THROW(help_as(example("d"), "1", unknown), std::invalid_argument);
}

} // namespace
