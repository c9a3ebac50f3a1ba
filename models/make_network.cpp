#include "models/activation.hpp"
#include "models/checkpoint.hpp"
#include "models/network_settings.hpp"
#include "models/resmlp.hpp"
#include "models/safetensors_header.hpp"

#include <array>

namespace fa::models {
namespace {

std::unique_ptr<Network> resmlp(const Checkpoint& checkpoint, const NetworkSettings& settings)
{
    settings.expect_only("resmlp", std::array<std::string_view, 2>{"activation", "layer_norm_eps"});
    return std::make_unique<ResMlp>(checkpoint.tensors,
                                    settings.positive("layer_norm_eps", default_layer_norm_eps),
                                    recorded_activation(settings).value_or(Activation::gelu));
}

} // namespace

std::unique_ptr<Network> make_network(const Checkpoint& checkpoint, const std::string& model,
                                      const std::map<std::string, std::string>& keys)
{
    const NetworkSettings settings(keys, checkpoint.metadata);
    auto wanted = model;
    if (wanted == "auto") {
        const auto recorded = checkpoint.metadata.find("model");
        wanted = recorded == checkpoint.metadata.end() ? "resmlp" : recorded->second;
    }
    if (wanted == "resmlp")
        return resmlp(checkpoint, settings);
    throw CheckpointError("model " + shown(wanted) + " is not known (known: resmlp)");
}

} // namespace fa::models
