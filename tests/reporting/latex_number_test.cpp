#include "reporting/latex_number.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace {

using fa::aggregation::Cell;
using fa::aggregation::Column;
using fa::aggregation::Digits;
using fa::aggregation::Kind;
using fa::reporting::Notation;
using fa::reporting::NumberFormat;

std::string number(const Cell& cell, Digits digits, Notation notation = Notation::shortest)
{
    return fa::reporting::siunitx_number(cell, Column{"x", "x", Kind::number, digits, "1", ""}, notation)
        .value_or("none");
}

TEST(SiunitxNumber, HasTheDigitsThatReadersGetElsewhere)
{
    EXPECT_EQ(number(-0.00123, Digits::cosine), "-0.0012");
    EXPECT_EQ(number(27.93, Digits::points), "+27.9");
    EXPECT_EQ(number(0.4204, Digits::percent), "42.0");
    EXPECT_EQ(number(std::int64_t{12}, Digits::significant), "12");
}

TEST(SiunitxNumber, WritesExponentsWithoutZeros)
{
    EXPECT_EQ(number(5.489e-9, Digits::significant), "5.49e-9");
    EXPECT_EQ(number(16000.0, Digits::significant), "1.6e4");
    EXPECT_EQ(number(2.36e10, Digits::significant), "2.36e10");
    EXPECT_EQ(number(0.000315, Digits::significant, Notation::scientific), "3.15e-4");
    EXPECT_EQ(number(0.0, Digits::significant, Notation::scientific), "0.00e0");
}

TEST(SiunitxNumber, IsNoneWhereThereIsNothingToAlign)
{
    EXPECT_EQ(number(std::nan(""), Digits::cosine), "none");
    EXPECT_EQ(number(std::numeric_limits<double>::infinity(), Digits::significant), "none");
    EXPECT_EQ(number(Cell(), Digits::cosine), "none");
    EXPECT_EQ(number(std::string("words"), Digits::cosine), "none");
}

TEST(NumberFormat, HasRoomForTheWidestOfEachPart)
{
    NumberFormat format;
    for (const auto* text : {"-0.0012", "12.5", "1e-10"}) {
        format.include(text);
    }
    EXPECT_EQ(format.text(), "-2.4e-2");
}

TEST(NumberFormat, KeepsRoomForAPlusSign)
{
    NumberFormat format;
    format.include("+27.9");
    format.include("-3.0");
    EXPECT_EQ(format.text(), "+2.1");
}

} // namespace
