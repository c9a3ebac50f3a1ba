#include "aggregation/sorted_column.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace fa::aggregation;

namespace {

/// Numbers of every size and sign, and the special ones.
template <typename Number>
std::vector<Number> wild(std::size_t count, unsigned seed)
{
    std::mt19937_64 bits(seed);
    std::vector<Number> values;
    const Number special[] = {0,
                              -Number(0),
                              std::numeric_limits<Number>::infinity(),
                              -std::numeric_limits<Number>::infinity(),
                              std::numeric_limits<Number>::denorm_min(),
                              -std::numeric_limits<Number>::denorm_min(),
                              std::nan(""),
                              1,
                              -1};
    while (values.size() < count) {
        const auto draw = bits();
        const auto size = std::ldexp(static_cast<Number>(draw >> 11) * Number(0x1p-53), int(draw % 80) - 40);
        values.push_back(draw % 7 == 0   ? special[draw / 7 % std::size(special)]
                         : draw % 2 == 0 ? size
                                         : -size);
    }
    return values;
}

template <typename Number>
class SortedColumn : public ::testing::Test {};
using Numbers = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SortedColumn, Numbers);

TYPED_TEST(SortedColumn, IsWhatStdSortMakesOfTheDefinedValues)
{
    ColumnSorter<TypeParam> sorter;
    for (const std::size_t count : {0, 1, 2, 47, 48, 49, 128, 1000, 70000}) {
        const auto values = wild<TypeParam>(count, static_cast<unsigned>(count));
        std::vector<TypeParam> wanted;
        std::copy_if(values.begin(), values.end(), std::back_inserter(wanted),
                     [](TypeParam value) { return !std::isnan(value); });
        std::sort(wanted.begin(), wanted.end());
        const auto sorted = sorter.sorted(values.data(), values.size(), 1);
        EXPECT_TRUE(std::equal(sorted.begin(), sorted.end(), wanted.begin(), wanted.end())) << count;
    }
}

TYPED_TEST(SortedColumn, OfAStrideLeavesOutWhatLiesBetween)
{
    std::vector<TypeParam> table;
    for (int row = 0; row < 100; ++row) {
        table.push_back(static_cast<TypeParam>(row * 37 % 100));
        table.push_back(-1);
    }
    ColumnSorter<TypeParam> sorter;
    const auto sorted = sorter.sorted(table.data(), 100, 2);
    ASSERT_EQ(sorted.size(), 100U);
    for (std::size_t place = 0; place < 100; ++place) {
        EXPECT_EQ(sorted[place], static_cast<TypeParam>(place));
    }
}

TYPED_TEST(SortedColumn, OfEqualValuesKeepsThemAll)
{
    const std::vector<TypeParam> values(200, TypeParam(-0.25));
    ColumnSorter<TypeParam> sorter;
    const auto sorted = sorter.sorted(values.data(), values.size(), 1);
    EXPECT_EQ(std::vector(sorted.begin(), sorted.end()), values);
}

} // namespace
