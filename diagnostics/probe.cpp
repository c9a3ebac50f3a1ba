#include "diagnostics/probe.hpp"

#include "diagnostics/hidden_gradients.hpp"

namespace fa::diagnostics {

SampleVectors Probe::reference(std::size_t layer) const
{
    return {.unit = unit_gradient[layer], .norm = gradient_norm.select(1, static_cast<std::int64_t>(layer))};
}

Probe probe(const models::Network& network, const at::Tensor& inputs, const at::Tensor& labels,
            jobs::Loss loss, at::ScalarType precision)
{
    const at::AutoGradMode recorded(true);
    const models::Activations activations = network.forward(inputs.to(precision));
    Probe result;
    result.output = output_error(activations.logits, labels, loss);
    const auto gradients = hidden_gradients(activations.hidden, activations.logits,
                                            result.output.unit.to(activations.logits.scalar_type()));

    const at::NoGradGuard constant;
    std::vector<at::Tensor> norms, hidden_norms;
    for (std::size_t layer = 0; layer < gradients.size(); ++layer) {
        const auto row = models::sample_rows(gradients[layer]).to(at::kDouble).contiguous();
        const auto vectors = sample_vectors(row, result.output.norm);
        const auto state = models::sample_rows(activations.hidden[layer].detach());
        result.hidden.push_back(state.to(at::kDouble).contiguous());
        hidden_norms.push_back(row_norms(result.hidden.back()));
        result.unit_gradient.push_back(vectors.unit);
        result.gradient.push_back(row * result.output.norm.unsqueeze(1));
        norms.push_back(vectors.norm);
    }
    result.gradient_norm = at::stack(norms, 1);
    result.hidden_norm = at::stack(hidden_norms, 1);
    return result;
}

} // namespace fa::diagnostics
