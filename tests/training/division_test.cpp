#include "training/division.hpp"

#include <gmock/gmock.h>

#include <map>
#include <numeric>

namespace fa::training {
namespace {

using Variables = std::map<std::string, std::string>;

Place place_in(const Variables& variables)
{
    return place_of_process([&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

std::vector<Recipe> zoo_of(const std::vector<std::int64_t>& epochs, Method method = Method::bp)
{
    std::vector<Recipe> zoo;
    for (const auto count : epochs) {
        Recipe recipe;
        recipe.method = method;
        recipe.epochs = count;
        zoo.push_back(recipe);
    }
    return zoo;
}

TEST(Division, AloneWithoutALauncher)
{
    EXPECT_EQ(place_in({}).ranks, 1);
    EXPECT_EQ(place_in({{"SLURM_STEP_NUM_TASKS", "1"}}).ranks, 1);
}

TEST(Division, KnowsItsPlaceUnderMpirun)
{
    const auto place =
        place_in({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}, {"PMIX_RANK", "7"}});
    EXPECT_EQ(place.rank, 2);
    EXPECT_EQ(place.ranks, 3);
}

TEST(Division, KnowsItsPlaceUnderSrunWithPmix)
{
    const auto place = place_in({{"PMIX_RANK", "1"}, {"SLURM_STEP_NUM_TASKS", "4"}});
    EXPECT_EQ(place.rank, 1);
    EXPECT_EQ(place.ranks, 4);
}

TEST(Division, RefusesSrunWithoutPmix)
{
    EXPECT_THROW(place_in({{"SLURM_STEP_NUM_TASKS", "4"}}), LauncherError);
}

TEST(Division, RefusesNonsenseOfALauncher)
{
    EXPECT_THROW(place_in({{"PMIX_RANK", "1"}}), LauncherError);
    EXPECT_THROW(place_in({{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "3"}}), LauncherError);
    EXPECT_THROW(place_in({{"OMPI_COMM_WORLD_RANK", "x"}, {"OMPI_COMM_WORLD_SIZE", "3"}}), LauncherError);
}

TEST(Division, EveryRunFallsToExactlyOneRank)
{
    const auto zoo = zoo_of({3, 1, 4, 1, 5, 9, 2, 6});
    for (const int ranks : {1, 2, 3, 8, 11}) {
        std::vector<int> owners(zoo.size(), 0);
        for (int rank = 0; rank < ranks; ++rank)
            for (const auto index : share_of(zoo, {rank, ranks}))
                ++owners[index];
        EXPECT_EQ(owners, std::vector<int>(zoo.size(), 1)) << ranks << " ranks";
    }
}

TEST(Division, BalancesEpochs)
{
    const auto zoo = zoo_of({8, 7, 6, 5, 4, 3, 2, 1});
    for (int rank = 0; rank < 2; ++rank) {
        std::int64_t epochs = 0;
        for (const auto index : share_of(zoo, {rank, 2}))
            epochs += zoo[index].epochs;
        EXPECT_EQ(epochs, 18);
    }
}

TEST(Division, RelaxationMakesARunCostlier)
{
    EXPECT_GT(cost_of(zoo_of({4}, Method::ep)[0]), cost_of(zoo_of({12})[0]));
}

} // namespace
} // namespace fa::training
