#include "reporting/format.hpp"

#include "../aggregation/synthetic_store.hpp"
#include "../support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace {

using fa::reporting::Format;
using fa::reporting::format_from;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(FormatFrom, KnowsEveryWord)
{
    EXPECT_EQ(format_from("terminal"), Format::terminal);
    EXPECT_EQ(format_from("markdown"), Format::markdown);
    EXPECT_EQ(format_from("csv"), Format::csv);
    EXPECT_EQ(format_from("json"), Format::json);
    EXPECT_EQ(format_from("latex"), Format::latex);
    EXPECT_EQ(format_from("html"), Format::html);
}

TEST(FormatFrom, SaysWhatWouldBeRight)
{
    EXPECT_THAT([] { format_from("pdf"); },
                ThrowsMessage<std::invalid_argument>(
                    HasSubstr("--format pdf: terminal, markdown, csv, json, latex or html is needed")));
    EXPECT_THAT([] { format_from("JSON"); }, ThrowsMessage<std::invalid_argument>(HasSubstr("json")));
}

TEST(ReportAs, FailsWhereTheDestinationTakesNoMore)
{
    const fa::testing::ScratchFolder folder;
    const fa::store::Layout layout(folder.path());
    fa::testing::write_manifest(layout,
                                "default data=d.h5 batch_size=16 draws=20\nname=run checkpoint=a.st\n");
    fa::testing::write_synthetic_run(layout, {});
    std::ostringstream full;
    full.setstate(std::ios::failbit);
    EXPECT_THAT([&] { fa::reporting::report_as(Format::csv, folder.path(), {}, full); },
                ThrowsMessage<std::runtime_error>(HasSubstr("can't be written")));
}

} // namespace
