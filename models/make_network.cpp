#include "models/bridge.hpp"
#include "models/checkpoint.hpp"
#include "models/resmlp.hpp"
#include "models/shown.hpp"

#include <charconv>
#include <cmath>

namespace fa::models {
namespace {

double layer_norm_eps_of(const Checkpoint& checkpoint)
{
    const auto recorded = checkpoint.metadata.find("layer_norm_eps");
    if (recorded == checkpoint.metadata.end())
        return default_layer_norm_eps;
    const auto& text = recorded->second;
    double eps = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), eps);
    if (problem != std::errc() || end != text.data() + text.size() || !(eps > 0) || !std::isfinite(eps))
        throw CheckpointError("metadata layer_norm_eps is " + shown(text) +
                              " where a number above 0 was expected");
    return eps;
}

} // namespace

std::unique_ptr<Network> make_network(const Checkpoint& checkpoint, const std::string& model)
{
    if (has_bridge(checkpoint)) // a learned-credit rule's own, no part of the network
        return make_network(without_bridge(checkpoint), model);
    auto wanted = model;
    if (wanted == "auto") {
        const auto recorded = checkpoint.metadata.find("model");
        wanted = recorded == checkpoint.metadata.end() ? "resmlp" : recorded->second;
    }
    if (wanted != "resmlp")
        throw CheckpointError("model " + shown(wanted) + " is not known (known: resmlp)");
    return std::make_unique<ResMlp>(checkpoint.tensors, layer_norm_eps_of(checkpoint));
}

} // namespace fa::models
