#include "harness/open_model.hpp"

#include "models/network_settings.hpp"
#include "models/torchscript.hpp"

#include <utility>

namespace fa::harness {

OpenedModel open_model(const jobs::RunSpec& spec, std::span<const std::byte> bytes,
                       const std::vector<std::int64_t>& sample_shape)
{
    OpenedModel model;
    if (spec.model == "torchscript") {
        models::NetworkSettings(spec.model_options, {}).expect_only("torchscript", {});
        if (!spec.checkpoint_part.empty())
            throw models::CheckpointError("a TorchScript archive has no parts to choose from; leave away ':" +
                                          spec.checkpoint_part + "'");
        auto program = models::load_torchscript(bytes, sample_shape);
        model = {std::move(program.checkpoint), std::move(program.network)};
    } else {
        model.checkpoint = models::read_checkpoint(bytes, spec.checkpoint_part);
    }
    if (const auto* stored = std::get_if<jobs::StoredFeedback>(&spec.feedback))
        models::name_feedback(model.checkpoint, stored->pattern);
    if (!model.network) // behind the feedback's names, which are no tensors of the network
        model.network = models::make_network(model.checkpoint, spec.model, spec.model_options);
    return model;
}

PreciseNetwork in_precision(const models::Network& network, at::ScalarType wanted, at::Device device)
{
    const auto place = at::TensorOptions(device);
    try {
        return {network.to(place.dtype(wanted)), wanted, ""};
    } catch (const models::PrecisionError& error) {
        if (wanted != at::kDouble)
            throw;
        return {network.to(place.dtype(at::kFloat)), at::kFloat,
                std::string("audited in float32, as by --precision float32: the network ") + error.what()};
    }
}

} // namespace fa::harness
