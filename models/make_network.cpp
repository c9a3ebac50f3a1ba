#include "models/activation.hpp"
#include "models/bridge.hpp"
#include "models/checkpoint.hpp"
#include "models/mlp.hpp"
#include "models/network_settings.hpp"
#include "models/resmlp.hpp"
#include "models/shown.hpp"
#include "models/vit_mini.hpp"

#include <algorithm>
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

std::unique_ptr<Network> mlp(const Checkpoint& checkpoint, const NetworkSettings& settings)
{
    settings.expect_only("mlp", std::array<std::string_view, 2>{"activation", "hidden_states"});
    const auto activation = recorded_activation(settings);
    const auto states =
        settings.choice("hidden_states", std::array<std::string_view, 2>{"pre", "post"}).value_or("post");
    auto network = std::make_unique<Mlp>(checkpoint.tensors, activation.value_or(Activation::identity),
                                         states == "pre" ? HiddenStates::before_activation
                                                         : HiddenStates::after_activation);
    if (!activation) // no shape tells it, and a guess would be measured as if it were known
        throw CheckpointError("the activation of a plain MLP is not recorded: give activation=" +
                              listed(activation_names) + " in the manifest");
    return network;
}

std::unique_ptr<Network> vit_mini(const Checkpoint& checkpoint, const NetworkSettings& settings)
{
    settings.expect_only("vit_mini",
                         std::array<std::string_view, 5>{"activation", "num_heads", "layer_norm_eps",
                                                         "image_size", "patch_order"});
    return std::make_unique<VitMini>(checkpoint.tensors, settings);
}

std::unique_ptr<Network> of_model(const std::string& model, const Checkpoint& checkpoint,
                                  const NetworkSettings& settings)
{
    if (model == "resmlp")
        return resmlp(checkpoint, settings);
    if (model == "mlp")
        return mlp(checkpoint, settings);
    if (model == "vit_mini")
        return vit_mini(checkpoint, settings);
    throw CheckpointError("model " + shown(model) + " is not known (known: resmlp, vit_mini, mlp)");
}

/// What the tensors' names look like most.
std::string recognised(const Checkpoint& checkpoint)
{
    const Fitting fitting(checkpoint.tensors, "");
    const auto names = fitting.names();
    const auto any = [&](std::string_view beginning) {
        return std::any_of(names.begin(), names.end(),
                           [&](const auto& name) { return name.starts_with(beginning); });
    };
    if (any("patch_embed."))
        return "vit_mini";
    return names.empty() || any("blocks.") || any("out_ln.") ? "resmlp" : "mlp";
}

} // namespace

std::unique_ptr<Network> make_network(const Checkpoint& checkpoint, const std::string& model,
                                      const std::map<std::string, std::string>& keys)
{
    if (has_bridge(checkpoint)) // a learned-credit rule's own, no part of the network
        return make_network(without_bridge(checkpoint), model, keys);
    const NetworkSettings settings(keys, checkpoint.metadata);
    if (model != "auto")
        return of_model(model, checkpoint, settings);
    if (const auto recorded = checkpoint.metadata.find("model"); recorded != checkpoint.metadata.end())
        return of_model(recorded->second, checkpoint, settings);
    const auto guess = recognised(checkpoint);
    try {
        return of_model(guess, checkpoint, settings);
    } catch (const CheckpointError& error) {
        if (guess != "mlp") // which is what everything else is taken for
            throw;
        throw CheckpointError(std::string(error.what()) +
                              " (model=auto takes it for a plain MLP by its names; a network that is none "
                              "can be audited as a TorchScript archive, model=torchscript)");
    }
}

} // namespace fa::models
