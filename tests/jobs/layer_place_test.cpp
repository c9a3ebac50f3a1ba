#include "jobs/layer_place.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace fa::jobs {
namespace {

struct Case {
    std::string_view text;
    std::size_t begin, end;
    std::int64_t step, shift;
};

TEST(ALayersPlace, IsFoundWithItsStepAndShift)
{
    for (const auto& [text, begin, end, step, shift] :
         {Case{"blocks.{l}.B", 7, 10, 1, 0}, Case{"{l-1}", 0, 5, 1, -1}, Case{"B{l+12}", 1, 7, 1, 12},
          Case{"{2l}.B", 0, 4, 2, 0}, Case{"n.{13l+1}", 2, 9, 13, 1}, Case{"{n}{{l}", 4, 7, 1, 0}}) {
        const auto place = layer_place(text);
        ASSERT_TRUE(place) << text;
        EXPECT_EQ(place->begin, begin) << text;
        EXPECT_EQ(place->end, end) << text;
        EXPECT_EQ(place->step, step) << text;
        EXPECT_EQ(place->shift, shift) << text;
    }
}

TEST(ALayersPlace, IsNowhereElse)
{
    for (const std::string_view text :
         {"",      "B",    "{",   "{l",  "{l+",  "{l+}",  "{}", "{0l}",   "{02l}",     "{100l}",  "{l+100}",
          "{l*2}", "{ l}", "{L}", "{2}", "{l1}", "{-1l}", "l}", "{l}{l}", "{l}.{l+1}", "{l}.{2l}"}) {
        EXPECT_FALSE(layer_place(text)) << text;
    }
}

} // namespace
} // namespace fa::jobs
