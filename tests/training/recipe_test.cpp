#include "training/recipe.hpp"

#include <gmock/gmock.h>

namespace fa::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Settings least(const std::string& method = "bp")
{
    return {{"method", method}, {"seed", "42"}, {"data", "d.h5"}};
}

std::vector<std::string> complaints(const Settings& settings)
{
    try {
        make_recipe(settings, "");
    } catch (const RecipeError& error) {
        return error.messages;
    }
    return {};
}

TEST(Recipe, DefaultsAreThoseOfTheZooForEachMethod)
{
    struct Expected {
        const char* method;
        std::int64_t epochs;
        double learning_rate;
        Decay decay;
    };
    for (const auto& [method, epochs, learning_rate, decay] :
         {Expected{"bp", 8, 1e-3, Decay::linear}, Expected{"frozen", 8, 1e-3, Decay::linear},
          Expected{"ep", 4, 3e-4, Decay::linear}, Expected{"dfa", 12, 3e-2, Decay::constant},
          Expected{"sdfa", 8, 1e-3, Decay::constant}, Expected{"drtp", 8, 1e-3, Decay::constant},
          Expected{"fa", 8, 1e-3, Decay::constant}, Expected{"sb", 6, 1e-3, Decay::constant},
          Expected{"cb", 6, 1e-3, Decay::constant}}) {
        const auto recipe = make_recipe(least(method), "");
        EXPECT_EQ(recipe.epochs, epochs) << method;
        EXPECT_EQ(recipe.learning_rate, learning_rate) << method;
        EXPECT_EQ(recipe.decay, decay) << method;
        EXPECT_EQ(recipe.width, 256);
        EXPECT_EQ(recipe.depth, 4);
        EXPECT_EQ(recipe.batch_size, 128);
    }
}

TEST(Recipe, SettingsReplaceDefaults)
{
    auto settings = least("ep");
    settings.merge(
        Settings{{"epochs", "2"}, {"lr", "5e-4"}, {"decay", "constant"}, {"ep_beta", ".5"}, {"width", "8"}});
    const auto recipe = make_recipe(settings, "");
    EXPECT_EQ(recipe.epochs, 2);
    EXPECT_EQ(recipe.learning_rate, 5e-4);
    EXPECT_EQ(recipe.decay, Decay::constant);
    EXPECT_EQ(recipe.ep_beta, 0.5);
    EXPECT_EQ(recipe.width, 8);
}

TEST(Recipe, FeedbackTakesTheSeedUnlessToldAnother)
{
    EXPECT_EQ(make_recipe(least("dfa"), "").feedback_seed, 42U);
    auto settings = least("dfa");
    settings["feedback_seed"] = "18446744073709551615";
    EXPECT_EQ(make_recipe(settings, "").feedback_seed, 18446744073709551615U);
}

TEST(Recipe, DataIsRelativeToTheFolderUnlessAbsolute)
{
    EXPECT_EQ(make_recipe(least(), "a/b").data, "a/b/d.h5");
    auto settings = least();
    settings["data"] = "/x/d.h5";
    EXPECT_EQ(make_recipe(settings, "a/b").data, "/x/d.h5");
}

TEST(Recipe, EverythingWrongIsSaidAtOnce)
{
    EXPECT_THAT(complaints({{"method", "bpp"}, {"epochs", "0"}, {"lr", "fast"}, {"epohcs", "3"}}),
                ElementsAre(HasSubstr("unknown key 'epohcs' (did you mean 'epochs'?)"), "seed is missing",
                            "data is missing",
                            HasSubstr("method=bpp is not one of bp, dfa, sdfa, drtp, fa, ep, sb, cb, frozen"),
                            HasSubstr("epochs=0 is not a number of at least 1"),
                            HasSubstr("lr=fast is not a number")));
}

TEST(Recipe, NumbersMustBeWholeWordsInRange)
{
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"seed", "-1"},
                                                          {"seed", "1.5"},
                                                          {"epochs", "3x"},
                                                          {"lr", "0"},
                                                          {"lr", "-1"},
                                                          {"lr", "nan"},
                                                          {"lr", "inf"},
                                                          {"ep_step", ""},
                                                          {"batch_size", " 8"},
                                                          {"seed", "18446744073709551616"}}) {
        auto settings = least();
        settings[key] = value;
        EXPECT_EQ(complaints(settings).size(), 1U) << key << "=" << value;
    }
}

TEST(Recipe, TrainingCantPermuteMatricesThatDontExist)
{
    auto settings = least("dfa");
    settings["feedback_distribution"] = "permute";
    EXPECT_THAT(complaints(settings), ElementsAre(HasSubstr("shuffles stored matrices")));
}

TEST(Recipe, NamesThatWouldLeaveTheFolderAreRefused)
{
    for (const auto* name : {"../x", "a/b", ".hidden"}) {
        auto settings = least();
        settings["name"] = name;
        EXPECT_EQ(complaints(settings).size(), 1U) << name;
    }
}

TEST(Recipe, LineChangesWithEverythingThatChangesTheBytes)
{
    const auto line = [](const Settings& changes, int threads = 1) {
        auto settings = changes;
        settings.merge(least("dfa"));
        return recipe_line(make_recipe(settings, ""), threads);
    };
    const auto usual = line({});
    EXPECT_THAT(usual, HasSubstr("method=dfa seed=42 epochs=12 lr=0.03 decay=constant"));
    EXPECT_EQ(line({{"name", "x"}, {"ep_beta", "9"}}), usual);
    for (const Settings& change : std::vector<Settings>{{{"seed", "1"}},
                                                        {{"epochs", "1"}},
                                                        {{"lr", "0.030000001"}},
                                                        {{"decay", "linear"}},
                                                        {{"batch_size", "64"}},
                                                        {{"depth", "3"}},
                                                        {{"width", "64"}},
                                                        {{"feedback_seed", "1"}},
                                                        {{"feedback_distribution", "uniform"}},
                                                        {{"method", "ep"}}})
        EXPECT_NE(line(change), usual) << change.begin()->first;
    EXPECT_NE(line({}, 2), usual);
    EXPECT_NE(line({{"method", "ep"}, {"ep_beta", "9"}}), line({{"method", "ep"}}));
    EXPECT_NE(line({{"method", "sb"}, {"bridge_width", "9"}}), line({{"method", "sb"}}));
    EXPECT_EQ(line({{"bridge_width", "9"}}), usual);
}

} // namespace
} // namespace fa::training
