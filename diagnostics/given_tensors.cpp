#include "diagnostics/given_tensors.hpp"

#include <limits>

namespace fa::diagnostics {

GivenTensors moved(GivenTensors given, at::Device device)
{
    for (auto* tensors : {&given.gradient, &given.hidden, &given.credit})
        for (auto& tensor : *tensors)
            tensor = tensor.to(device);
    for (auto* tensor : {&given.error, &given.hidden_norm, &given.loss})
        if (tensor->defined())
            *tensor = tensor->to(device);
    return given;
}

Probe probe_of(const GivenTensors& given)
{
    Probe probe;
    const auto unknown =
        given.error.new_full({given.error.size(0)}, std::numeric_limits<double>::quiet_NaN());
    probe.output = known_output_error(given.loss.defined() ? given.loss : unknown, given.error);
    probe.hidden = given.hidden;
    probe.gradient = given.gradient;
    std::vector<at::Tensor> norms, hidden_norms;
    for (const auto& gradient : given.gradient) {
        const auto vectors = sample_vectors(gradient);
        probe.unit_gradient.push_back(vectors.unit);
        norms.push_back(vectors.norm);
    }
    for (const auto& hidden : given.hidden)
        hidden_norms.push_back(row_norms(hidden));
    probe.gradient_norm = at::stack(norms, 1);
    probe.hidden_norm = given.hidden.empty() ? given.hidden_norm : at::stack(hidden_norms, 1);
    return probe;
}

} // namespace fa::diagnostics
