#include "jobs/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace fa::jobs {
namespace {

constexpr std::array<std::string_view, 4> words = {"feedback", "feedback_sign", "batches", "draws"};

TEST(Nearest, FindsAWordWithALetterMissing)
{
    EXPECT_EQ(nearest("feedbak", words), "feedback");
}
TEST(Nearest, FindsAWordWithALetterTooMany)
{
    EXPECT_EQ(nearest("drawss", words), "draws");
}
TEST(Nearest, FindsAWordWithNeighboursSwapped)
{
    EXPECT_EQ(nearest("bacthes", words), "batches");
}
TEST(Nearest, IgnoresCase)
{
    EXPECT_EQ(nearest("FEEDBACK_SIGN", words), "feedback_sign");
}
TEST(Nearest, SaysNothingWhereNothingIsNear)
{
    EXPECT_EQ(nearest("temperature", words), std::nullopt);
}
TEST(Nearest, SaysNothingForAnEmptyWord)
{
    EXPECT_EQ(nearest("", words), std::nullopt);
}
TEST(Nearest, SaysNothingForAWordOfAMegabyte)
{
    EXPECT_EQ(nearest(std::string(1 << 20, 'x'), words), std::nullopt);
}

TEST(Nearest, TakesTheNearestAndNotTheFirst)
{
    constexpr std::array<std::string_view, 2> near = {"drawn", "draw"};
    EXPECT_EQ(nearest("dra", near), "draw");
}

} // namespace
} // namespace fa::jobs
