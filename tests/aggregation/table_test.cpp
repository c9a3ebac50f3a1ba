#include "aggregation/table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace fa::aggregation;

namespace {

Table small_table()
{
    Table table{"small", "Small", {}, {}};
    table.columns = {{"run", "run", Kind::words, Digits::significant, "", ""},
                     {"gamma", "Γ", Kind::number, Digits::cosine, "cosine", ""},
                     {"n", "n", Kind::count, Digits::significant, "count", ""}};
    return table;
}

TEST(Csv, HasAHeaderAndALineForEachRow)
{
    auto table = small_table();
    table.add({std::string("bp"), 0.25, std::int64_t{3}});
    EXPECT_EQ(to_csv(table), "run,gamma,n\nbp,0.25,3\n");
}

TEST(Csv, QuotesCommasQuotesAndLineBreaks)
{
    auto table = small_table();
    table.add({std::string("a,b"), 1.0, std::int64_t{0}});
    table.add({std::string("say \"hi\""), 1.0, std::int64_t{0}});
    table.add({std::string("two\nlines"), 1.0, std::int64_t{0}});
    EXPECT_EQ(to_csv(table), "run,gamma,n\n\"a,b\",1,0\n\"say \"\"hi\"\"\",1,0\n\"two\nlines\",1,0\n");
}

TEST(Csv, LeavesWhatIsNotAvailableEmpty)
{
    auto table = small_table();
    table.add({std::string("bp"), std::nan(""), Cell()});
    EXPECT_EQ(to_csv(table), "run,gamma,n\nbp,,\n");
}

TEST(Csv, NumbersReadBackAsTheSameBits)
{
    for (const double value : {0.1, 1.0 / 3.0, 1e-300, -2.5e17, 5e-324, std::numeric_limits<double>::max()}) {
        EXPECT_EQ(std::stod("0") + std::strtod(exact(value).c_str(), nullptr), value) << exact(value);
    }
    EXPECT_EQ(exact(0.1), "0.1");
    EXPECT_EQ(exact(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Table, RefusesARowThatDoesNotFit)
{
    auto table = small_table();
    EXPECT_THROW(table.add({std::string("bp")}), std::logic_error);
}

TEST(Select, TakesColumnsInTheOrderAskedFor)
{
    auto table = small_table();
    table.add({std::string("bp"), 0.5, std::int64_t{3}});
    EXPECT_EQ(to_csv(select(table, {"n", "run"})), "n,run\n3,bp\n");
    EXPECT_THROW(select(table, {"m"}), std::logic_error);
}

TEST(RowsOf, TakesTheRowsOfOneRunWithoutItsName)
{
    auto table = small_table();
    table.add({std::string("bp"), 0.5, std::int64_t{3}});
    table.add({std::string("dfa"), 0.25, std::int64_t{4}});
    EXPECT_EQ(to_csv(rows_of(table, "dfa")), "gamma,n\n0.25,4\n");
}

TEST(Markdown, EscapesBarsAndAlignsNumbersRight)
{
    auto table = small_table();
    table.add({std::string("a|b"), 0.123456, Cell()});
    EXPECT_EQ(to_markdown(table), "| run | Γ | n |\n| --- | ---: | ---: |\n| a\\|b | 0.1235 | – |\n");
}

TEST(Readable, HasNoNegativeZero)
{
    EXPECT_EQ(readable(-0.00001, Digits::cosine), "0.0000");
    EXPECT_EQ(readable(-0.00006, Digits::cosine), "-0.0001");
}

TEST(Readable, FollowsTheColumnsDigits)
{
    EXPECT_EQ(readable(1.4712e-5, Digits::significant), "1.47e-05");
    EXPECT_EQ(readable(2.04, Digits::points), "+2.0");
    EXPECT_EQ(readable(0.805, Digits::percent), "80.5 %");
    EXPECT_EQ(readable(std::nan(""), Digits::percent), "–");
}

TEST(DisplayWidth, CountsCharactersNotBytes)
{
    EXPECT_EQ(display_width("Γ"), 1U);
    EXPECT_EQ(display_width("‖h‖"), 3U);
    EXPECT_EQ(display_width("±–"), 2U);
    EXPECT_EQ(display_width("e\xCC\x81"), 1U); // e and a combining acute accent
    EXPECT_EQ(display_width("模型"), 4U);
}

TEST(DisplayWidth, CountsAnInvalidByteAsOne)
{
    EXPECT_EQ(display_width("a\xFF"
                            "b"),
              3U);
    EXPECT_EQ(display_width("\xE2\x80"), 2U); // truncated
    EXPECT_EQ(display_width("\xC0\xAF"), 2U); // overlong
}

TEST(Printable, TakesControlCharactersAway)
{
    EXPECT_EQ(printable("a\x1b[31mb\nΓ"), "a?[31mb?Γ");
    EXPECT_EQ(printable("\xE2\x80\xAE"), "?"); // right-to-left override
}

TEST(Terminal, AlignsByDisplayWidth)
{
    auto table = small_table();
    table.add({std::string("‖g‖"), 0.5, std::int64_t{10}});
    table.add({std::string("dfa-s42"), -0.25, std::int64_t{3}});
    std::ostringstream out;
    to_terminal(table, false, out);
    EXPECT_EQ(out.str(), "run            Γ   n\n‖g‖       0.5000  10\ndfa-s42  -0.2500   3\n");
}

TEST(Terminal, ColoursOnlyIfAsked)
{
    auto table = small_table();
    table.add({std::string("bp"), 0.5, std::int64_t{10}}, Tone::good);
    std::ostringstream plain, coloured;
    to_terminal(table, false, plain);
    to_terminal(table, true, coloured);
    EXPECT_EQ(plain.str().find('\x1b'), std::string::npos);
    EXPECT_NE(coloured.str().find("\x1b[32mbp"), std::string::npos);
}

} // namespace
