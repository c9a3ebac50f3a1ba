#include "training/division.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string_view>

namespace fa::training {
namespace {

std::optional<int> integer(const Environment& environment, const char* name)
{
    const char* text = environment(name);
    if (text == nullptr)
        return std::nullopt;
    const std::string_view view(text);
    int value = 0;
    const auto [end, problem] = std::from_chars(view.data(), view.data() + view.size(), value);
    if (problem != std::errc() || end != view.data() + view.size() || value < 0)
        throw LauncherError(std::string(name) + "=" + text + " in the environment is not a number");
    return value;
}

} // namespace

Place place_of_process(const Environment& environment)
{
    const auto tasks = integer(environment, "SLURM_STEP_NUM_TASKS");
    auto rank = integer(environment, "OMPI_COMM_WORLD_RANK");
    auto ranks = integer(environment, "OMPI_COMM_WORLD_SIZE");
    if (!rank || !ranks) {
        rank = integer(environment, "PMIX_RANK");
        ranks = tasks;
    }
    if (!rank && tasks.value_or(1) > 1)
        throw LauncherError("srun started " + std::to_string(*tasks) +
                            " tasks that don't know of each other: use srun --mpi=pmix");
    if (!rank)
        return {};
    if (!ranks || *ranks < 1 || *rank >= *ranks)
        throw LauncherError("the launcher gave rank " + std::to_string(*rank) + " of " +
                            (ranks ? std::to_string(*ranks) : "an unknown number of") + " ranks");
    return {*rank, *ranks};
}

double cost_of(const Recipe& recipe)
{
    const auto layers = static_cast<double>(recipe.depth) * static_cast<double>(recipe.width * recipe.width);
    const auto epochs = static_cast<double>(recipe.epochs) * layers / (4.0 * 256 * 256);
    // The bridge is run forth and back for the credit and again to learn, at every layer.
    if (recipe.method == Method::sb || recipe.method == Method::cb)
        return 4 * epochs;
    // A relaxation step is a forward and a backward pass without the parameters' gradients: two thirds of
    // BP's.
    return recipe.method == Method::ep ? epochs * (1 + 2.0 / 3 * static_cast<double>(recipe.ep_steps))
                                       : epochs;
}

std::vector<std::size_t> share_of(std::span<const Recipe> recipes, Place place)
{
    std::vector<std::size_t> order(recipes.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return cost_of(recipes[i]); });
    std::vector<double> load(static_cast<std::size_t>(place.ranks), 0.0);
    std::vector<std::size_t> mine;
    for (const auto index : order) {
        const auto least = std::ranges::min_element(load); // the first of equals
        *least += cost_of(recipes[index]);
        if (least - load.begin() == place.rank)
            mine.push_back(index);
    }
    return mine;
}

} // namespace fa::training
