#include "training/initialise.hpp"

#include "diagnostics/normal.hpp"
#include "models/resmlp.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fa::training {
namespace {

bool is_norm(const std::string& name)
{
    return name.find("ln.") != std::string::npos;
}

using Layout = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

std::map<std::string, at::Tensor> initial(const Layout& layout, random::Stream stream)
{
    std::map<std::string, at::Tensor> tensors;
    double bound = 0;
    for (const auto& [name, shape] : layout) {
        auto tensor = at::empty(shape, at::kFloat);
        if (is_norm(name)) {
            tensor.fill_(name.ends_with("weight") ? 1.0 : 0.0);
        } else {
            // A bias takes the fan-in of the weight, which comes right before it.
            if (shape.size() == 2)
                bound = 1 / std::sqrt(static_cast<double>(shape[1]));
            const std::span values(tensor.mutable_data_ptr<float>(),
                                   static_cast<std::size_t>(tensor.numel()));
            random::fill_uniform(stream, 0, bound / std::sqrt(3.0), values); // takes the standard deviation
        }
        tensors.emplace(name, std::move(tensor));
        ++stream.layer;
    }
    return tensors;
}

} // namespace

std::map<std::string, at::Tensor> initial_tensors(std::uint64_t seed, std::int64_t features,
                                                  std::int64_t width, std::int64_t depth,
                                                  std::int64_t classes)
{
    return initial(models::resmlp_layout(features, width, width, depth, classes),
                   {.seed = seed, .purpose = random::Purpose::initialisation});
}

std::map<std::string, at::Tensor> initial_bridge(models::BridgeKind kind, std::uint64_t seed,
                                                 std::int64_t width, std::int64_t classes,
                                                 std::int64_t hidden)
{
    return initial(models::bridge_layout(kind, width, classes, hidden),
                   {.seed = seed, .purpose = random::Purpose::initialisation, .draw = 1});
}

at::Tensor epoch_order(std::uint64_t seed, std::int64_t epoch, std::int64_t samples)
{
    const random::Stream stream{
        .seed = seed, .purpose = random::Purpose::shuffle, .draw = static_cast<std::uint32_t>(epoch)};
    std::vector<std::uint32_t> words(2 * static_cast<std::size_t>(samples));
    random::fill_words(stream, 0, words);
    const auto key = [&](std::int64_t sample) {
        const auto at = 2 * static_cast<std::size_t>(sample);
        return std::uint64_t{words[at]} << 32 | words[at + 1];
    };
    auto order = at::arange(samples, at::kLong);
    const std::span indices(order.mutable_data_ptr<std::int64_t>(), static_cast<std::size_t>(samples));
    std::ranges::stable_sort(indices, {}, key);
    return order;
}

} // namespace fa::training
