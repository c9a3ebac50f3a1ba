#include "reporting/request.hpp"

#include "reporting/checklist/checklist_command.hpp"

#include <boost/program_options/parsers.hpp>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace {

namespace po = boost::program_options;
using fa::reporting::Request;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Request asked(const std::vector<std::string>& arguments)
{
    po::options_description options;
    options.add(fa::reporting::output_options()).add(fa::reporting::checklist_options());
    po::variables_map values;
    po::store(po::command_line_parser(arguments).options(options).run(), values);
    return fa::reporting::request_of(values);
}

TEST(RequestOf, IsTheTablesUnlessSomethingElseIsAskedFor)
{
    EXPECT_EQ(asked({}), Request::tables);
    EXPECT_EQ(asked({"--format", "terminal", "--output", "there"}), Request::tables);
    EXPECT_EQ(asked({"--format", "json"}), Request::document);
    EXPECT_EQ(asked({"--methods-text"}), Request::methods);
    EXPECT_EQ(asked({"--figures", "there", "--figure-format", "pdf"}), Request::figures);
    EXPECT_EQ(asked({"--checklist", "--source", "code"}), Request::checklist);
}

TEST(RequestOf, NamesTwoThingsThatAreAskedForAtOnce)
{
    const auto refusal_of = [](const std::vector<std::string>& arguments, const char* one,
                               const char* other) {
        EXPECT_THAT([&] { asked(arguments); },
                    ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr(one), HasSubstr(other))));
    };
    refusal_of({"--format", "latex", "--methods-text"}, "--format latex", "--methods-text");
    refusal_of({"--figures", "there", "--checklist"}, "--figures", "--checklist");
    refusal_of({"--format", "html", "--figures", "there"}, "--format html", "--figures");
    refusal_of({"--checklist", "--output", "there"}, "--checklist", "--output");
    refusal_of({"--format", "csv", "--output", "there"}, "--format csv", "--output");
}

TEST(RequestOf, RefusesAWrongWord)
{
    EXPECT_THAT([] { asked({"--format", "pdf"}); },
                ThrowsMessage<std::invalid_argument>(HasSubstr("--format pdf")));
}

} // namespace
