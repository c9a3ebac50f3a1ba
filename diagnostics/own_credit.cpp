#include "diagnostics/own_credit.hpp"

#include "diagnostics/bridge_credit.hpp"
#include "diagnostics/equilibrium.hpp"
#include "diagnostics/staged.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

/// A number above 0 that the checkpoint records.
template <typename Number>
std::optional<Number> recorded(const models::Checkpoint& checkpoint, const char* key)
{
    const auto found = checkpoint.metadata.find(key);
    if (found == checkpoint.metadata.end())
        return std::nullopt;
    const auto& text = found->second;
    Number value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || !(value > 0) ||
        !std::isfinite(static_cast<double>(value)))
        throw models::CheckpointError(fmt::format(
            "metadata '{}' is '{}' where a {} above 0 was expected; the manifest's {}=… overrules it", key,
            text, std::is_integral_v<Number> ? "whole number" : "number", key));
    return value;
}

models::Bridge bridge_of(models::BridgeKind kind, const models::Checkpoint& checkpoint,
                         const models::Network& network, const char* credit)
{
    if (!models::has_bridge(checkpoint))
        throw models::CheckpointError(fmt::format(
            "credit={} needs the network that the rule learned, tensors bridge.…, and there are none",
            credit));
    const auto widths = network.widths();
    for (const auto width : widths)
        if (width != widths.front())
            throw std::invalid_argument(fmt::format(
                "credit={} has one bridge for all layers, but h_0 has {} numbers and another layer {}",
                credit, widths.front(), width));
    return {kind, checkpoint.tensors, widths.front(), network.classes()};
}

} // namespace

jobs::Relaxation relaxation_of(const jobs::RunSpec& spec, const models::Checkpoint& checkpoint)
{
    jobs::Relaxation relaxation;
    const auto choose = [&](const char* key, const auto& asked, auto& value) {
        using Number = std::remove_reference_t<decltype(value)>;
        value = asked ? *asked : recorded<Number>(checkpoint, key).value_or(value);
    };
    choose("ep_beta", spec.ep_beta, relaxation.beta);
    choose("ep_steps", spec.ep_steps, relaxation.steps);
    choose("ep_step", spec.ep_step, relaxation.step);
    return relaxation;
}

std::unique_ptr<const CreditSignal> own_credit(const jobs::RunSpec& spec,
                                               const models::Checkpoint& checkpoint,
                                               const models::Network& network, at::Device device)
{
    switch (spec.credit) {
    case jobs::Credit::ep:
        staged_network(network, "ep");
        return std::make_unique<EquilibriumCredit>(spec.loss, relaxation_of(spec, checkpoint));
    case jobs::Credit::sb:
        staged_network(network, "sb");
        return std::make_unique<StateBridgeCredit>(
            spec.loss, bridge_of(models::BridgeKind::state, checkpoint, network, "sb").to(device));
    case jobs::Credit::cb:
        return std::make_unique<CreditBridgeCredit>(
            bridge_of(models::BridgeKind::credit, checkpoint, network, "cb").to(device));
    case jobs::Credit::callback:
        if (!network.has_local_credit())
            throw std::invalid_argument(
                "credit=callback: the network brings no method local_credit(x, y) of its own");
        return std::make_unique<CallbackCredit>();
    default:
        throw std::logic_error("a rule with feedback matrices has its signal from them");
    }
}

} // namespace fa::diagnostics
