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

/// The model that the metadata name. A file may mean something else by the word.
std::unique_ptr<Network> of_recorded_model(const std::string& model, const Checkpoint& checkpoint,
                                           const NetworkSettings& settings)
{
    constexpr std::array<std::string_view, 3> known = {"resmlp", "vit_mini", "mlp"};
    if (std::ranges::find(known, model) == known.end())
        throw CheckpointError("the checkpoint's metadata say model " + shown(model) +
                              ", which is not known: give model=" + listed(known) + " in the manifest");
    return of_model(model, checkpoint, settings);
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

/// Does a name have the form of a pattern, where * is any run of characters, none included?
bool has_form(std::string_view name, std::string_view pattern)
{
    auto star = pattern.find('*');
    if (star == std::string_view::npos)
        return name == pattern;
    if (!name.starts_with(pattern.substr(0, star)))
        return false;
    name.remove_prefix(star);
    for (pattern.remove_prefix(star + 1); (star = pattern.find('*')) != std::string_view::npos;
         pattern.remove_prefix(star + 1)) {
        const auto found = name.find(pattern.substr(0, star)); // the leftmost leaves most to the others
        if (found == std::string_view::npos)
            return false;
        name.remove_prefix(found + star);
    }
    return name.ends_with(pattern);
}

/// Without the tensors that the manifest's ignore= names, a list between commas.
/// @throws CheckpointError if one of them is a batch normalisation's, whose absence no shape would show
Checkpoint without_ignored(Checkpoint checkpoint, std::string_view patterns)
{
    for (std::size_t begin = 0; begin <= patterns.size();) {
        const auto end = std::min(patterns.find(',', begin), patterns.size());
        const auto pattern = patterns.substr(begin, end - begin);
        std::erase_if(checkpoint.tensors, [&](const auto& entry) {
            const bool ignored = has_form(entry.first, pattern);
            if (ignored && entry.first.ends_with("running_var"))
                throw CheckpointError(
                    "ignore=" + std::string(pattern) + ": tensor " + shown(entry.first) +
                    " is a batch normalisation's, which the network computes with; it can be "
                    "audited as a TorchScript archive, model=torchscript");
            return ignored;
        });
        begin = end + 1;
    }
    return checkpoint;
}

} // namespace

std::unique_ptr<Network> make_network(const Checkpoint& checkpoint, const std::string& model,
                                      const std::map<std::string, std::string>& keys)
{
    if (has_bridge(checkpoint)) // a learned-credit rule's own, no part of the network
        return make_network(without_bridge(checkpoint), model, keys);
    if (const auto ignored = keys.find("ignore"); ignored != keys.end()) {
        auto others = keys;
        others.erase("ignore");
        return make_network(without_ignored(checkpoint, ignored->second), model, others);
    }
    const NetworkSettings settings(keys, checkpoint.metadata);
    if (model != "auto")
        return of_model(model, checkpoint, settings);
    if (const auto recorded = checkpoint.metadata.find("model"); recorded != checkpoint.metadata.end())
        return of_recorded_model(recorded->second, checkpoint, settings);
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
