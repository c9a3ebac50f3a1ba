#include "models/layer_pattern.hpp"

#include "models/checkpoint_error.hpp"

#include <gmock/gmock.h>

namespace fa::models {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(LayerPattern, FindsTheLayerOfAName)
{
    const LayerPattern pattern("blocks.{l}.B");
    EXPECT_THAT(pattern.layer_of("blocks.0.B"), Optional(0));
    EXPECT_THAT(pattern.layer_of("blocks.17.B"), Optional(17));
    EXPECT_EQ(pattern.name_of(3), "blocks.3.B");
    for (const char* other : {"blocks..B", "blocks.01.B", "blocks.-1.B", "blocks.1.Bx", "xblocks.1.B",
                              "blocks.1.2.B", "blocks.99999999999999999999.B", "blocks.B", ""})
        EXPECT_THAT(pattern.layer_of(other), Eq(std::nullopt)) << other;
}

TEST(LayerPattern, MayCountFromAnotherLayer)
{
    const LayerPattern below("b{l-1}");
    EXPECT_THAT(below.layer_of("b0"), Optional(1));
    EXPECT_EQ(below.name_of(1), "b0");
    EXPECT_EQ(below.first_layer(), 1);
    const LayerPattern above("b{l+1}");
    EXPECT_THAT(above.layer_of("b1"), Optional(0));
    EXPECT_THAT(above.layer_of("b0"), Optional(-1)); // the input's
    EXPECT_EQ(above.first_layer(), 0);
}

TEST(LayerPattern, MayCountInSteps)
{
    const LayerPattern even("net.{2l}.B"); // the linear layers of Sequential(Linear, ReLU, Linear, …)
    EXPECT_THAT(even.layer_of("net.0.B"), Optional(0));
    EXPECT_THAT(even.layer_of("net.4.B"), Optional(2));
    EXPECT_THAT(even.layer_of("net.3.B"), Eq(std::nullopt));
    EXPECT_EQ(even.name_of(5), "net.10.B");
    const LayerPattern third("{3l+2}");
    EXPECT_THAT(third.layer_of("5"), Optional(1));
    EXPECT_THAT(third.layer_of("2"), Optional(0));
    EXPECT_THAT(third.layer_of("0"), Eq(std::nullopt)); // −2 is no step of three
    EXPECT_EQ(third.name_of(2), "8");
    const LayerPattern behind("{2l-3}");
    EXPECT_EQ(behind.first_layer(), 2);
    EXPECT_EQ(behind.name_of(2), "1");
}

TEST(LayerPattern, NeedsOnePlace)
{
    for (const char* bad : {"", "B", "{l", "{l}.{l}", "{l}{2l-1}", "{0l}", "{l*2}", "{l+}", "{l+123}"})
        EXPECT_THROW(LayerPattern{bad}, CheckpointError) << bad;
}

TEST(LayersOfNames, AreTheNumberThatDiffers)
{
    EXPECT_THAT(layers_of_names(std::vector<std::string>{"0", "2", "1"}),
                Optional(UnorderedElementsAre(Pair("0", 0), Pair("1", 1), Pair("2", 2))));
    EXPECT_THAT(layers_of_names(std::vector<std::string>{"fc1.B0", "fc1.B1"}),
                Optional(UnorderedElementsAre(Pair("fc1.B0", 0), Pair("fc1.B1", 1))));
    EXPECT_THAT(layers_of_names(std::vector<std::string>{"block3.B0", "block4.B0"}),
                Optional(UnorderedElementsAre(Pair("block3.B0", 3), Pair("block4.B0", 4))));
}

TEST(LayersOfNames, AreNoneWhereMoreDiffers)
{
    for (const auto& names : std::vector<std::vector<std::string>>{
             {}, {""}, {"weight"}, {"B0", "weight"}, {"b0.B0", "b1.B1"}, {"B0", "C1"}, {"B00", "B1"}})
        EXPECT_EQ(layers_of_names(names), std::nullopt);
}

} // namespace
} // namespace fa::models
