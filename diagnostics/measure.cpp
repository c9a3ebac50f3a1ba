#include "diagnostics/measure.hpp"

#include "diagnostics/clamped_cosine.hpp"
#include "diagnostics/float32_path.hpp"
#include "diagnostics/gamma.hpp"
#include "diagnostics/half_precision.hpp"
#include "diagnostics/mean_loss.hpp"
#include "diagnostics/minus_one_norm.hpp"
#include "diagnostics/vector_forms.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>

namespace fa::diagnostics {
namespace {

/// From a GPU into pinned memory, which the copy doesn't wait for: it is read behind the stream
/// (measure.hpp).
at::Tensor finished(const at::Tensor& values)
{
    return canonical_nan(values).contiguous().to(at::TensorOptions(at::kCPU),
                                                 /*non_blocking=*/values.is_cuda());
}

at::Tensor unknown_like(const at::Tensor& values)
{
    return at::full_like(values, std::numeric_limits<double>::quiet_NaN());
}

/// A column a layer, [N, L+1] (or [L+1] of scalars).
template <class Column>
at::Tensor by_layer(const Probe& probe, Column column)
{
    std::vector<at::Tensor> columns;
    for (std::size_t layer = 0; layer < probe.layers(); ++layer)
        columns.push_back(column(layer));
    return at::stack(columns, -1);
}

using Plain = std::optional<models::HiddenStates>; // `plain_states` of the network

void check_feedback(const Probe& probe, const Evaluation& evaluation, Plain plain,
                    const std::vector<at::Tensor>& feedback)
{
    std::vector<std::int64_t> widths;
    for (const auto& gradient : probe.gradient)
        widths.push_back(gradient.size(1));
    const auto shapes =
        feedback_shapes(propagation_of(evaluation.credit, plain), widths, probe.output.error.size(1));
    if (feedback.size() != shapes.size())
        throw std::invalid_argument("there are " + std::to_string(feedback.size()) +
                                    " feedback matrices for " + std::to_string(shapes.size()) + " layers");
    for (std::size_t layer = 0; layer < shapes.size(); ++layer)
        if (feedback[layer].sizes() != at::IntArrayRef(shapes[layer]))
            throw std::invalid_argument("feedback matrix " + std::to_string(layer) + " is not [" +
                                        std::to_string(shapes[layer][0]) + ", " +
                                        std::to_string(shapes[layer][1]) + "]");
}

void measure_state(BatchMeasurements& measured, const Probe& probe)
{
    measured.hidden_norm = finished(probe.hidden_norm);
    measured.gradient_norm = finished(probe.gradient_norm / mean_loss_batch);
    measured.error_norm = finished(probe.output.norm);
    measured.loss = finished(probe.output.loss);
    for (std::size_t layer = 0; layer < probe.layers(); ++layer)
        measured.mean_direction.push_back(canonical_nan(mean_direction(probe.reference(layer))).contiguous());
}

void measure_training_gamma(BatchMeasurements& measured, const Probe& probe,
                            const std::vector<SampleVectors>& credit)
{
    const auto cosine = by_layer(probe, [&](auto l) { return gamma(credit[l], probe.reference(l)); });
    const auto credit_norm = by_layer(probe, [&](auto l) { return credit[l].norm; });
    measured.gamma_train = finished(cosine);
    measured.centered_train =
        finished(by_layer(probe, [&](auto l) { return centered_gamma(credit[l], probe.reference(l)); }));
    measured.batchvec_train =
        finished(by_layer(probe, [&](auto l) { return batchvec(credit[l], probe.reference(l)); }));
    measured.flat_train = finished(combined_cosine(cosine, credit_norm, probe.gradient_norm, 0));
    measured.concat_train = finished(combined_cosine(cosine, credit_norm, probe.gradient_norm, 1));
}

/// The pitfalls that need no credit signal.
void measure_pitfalls(BatchMeasurements& measured, const Probe& probe)
{
    const auto lost = [&](at::ScalarType half) {
        return finished(by_layer(probe, [&](auto l) {
            const auto gradient = probe.gradient[l] / mean_loss_batch;
            return lost_share(gradient, through_half(gradient, half));
        }));
    };
    measured.fp16_lost = lost(at::kHalf);
    measured.bf16_lost = lost(at::kBFloat16);
    measured.fp16_hidden_overflow =
        probe.hidden.empty()
            ? unknown_like(measured.hidden_norm)
            : finished(by_layer(probe, [&](auto l) { return fp16_overflow_share(probe.hidden[l]); }));
    measured.norm_minus_one = finished(
        by_layer(probe, [&](auto l) { return minus_one_norm(probe.gradient[l] / mean_loss_batch); }));
}

/// The pitfalls' Γ columns, but for the float32 path.
void measure_pitfall_gamma(BatchMeasurements& measured, const Probe& probe,
                           const std::vector<SampleVectors>& credit)
{
    const auto cosine = by_layer(probe, [&](auto l) { return gamma(credit[l], probe.reference(l)); });
    const auto credit_norm = by_layer(probe, [&](auto l) { return credit[l].norm / mean_loss_batch; });
    const auto reference_norm = probe.gradient_norm / mean_loss_batch;
    measured.clamped_old = finished(clamped_cosine_old(cosine, credit_norm, reference_norm));
    measured.clamped_new = finished(clamped_cosine_new(cosine, credit_norm, reference_norm));
    const auto after_cast = [&](at::ScalarType half) {
        return finished(by_layer(probe, [&](auto l) {
            return gamma(credit[l], sample_vectors(through_half(probe.gradient[l] / mean_loss_batch, half)));
        }));
    };
    measured.fp16_gamma = after_cast(at::kHalf);
    measured.bf16_gamma = after_cast(at::kBFloat16);
}

/// The rule by the training's feedback, or where that is unknown by fresh draw 0.
FeedbackCredit visible_rule(const Probe& probe, const Evaluation& evaluation, Plain plain)
{
    const bool trained = !evaluation.training_feedback.empty();
    const auto& feedback = trained ? evaluation.training_feedback : evaluation.fresh_feedback;
    check_feedback(probe, evaluation, plain, feedback);
    return {evaluation.credit, evaluation.loss, feedback, plain};
}

std::shared_ptr<const CreditSignal> signal_of(const Probe& probe, const Evaluation& evaluation, Plain plain)
{
    return evaluation.own_signal ? evaluation.own_signal
                                 : std::make_shared<FeedbackCredit>(visible_rule(probe, evaluation, plain));
}

CreditContext context_of(const Probe& probe, const models::Network& network, const at::Tensor& inputs,
                         const at::Tensor& labels, at::ScalarType precision)
{
    CreditContext context{.network = network, .inputs = inputs.to(precision), .labels = labels, .hidden = {}};
    for (const auto& hidden : probe.hidden)
        context.hidden.push_back(hidden.to(precision));
    return context;
}

/// A network's own rule may return anything.
void check_signal(const Probe& probe, const std::vector<SampleVectors>& credit)
{
    if (credit.size() != probe.layers())
        throw std::invalid_argument("the credit signal has " + std::to_string(credit.size()) +
                                    " layers, the network " + std::to_string(probe.layers()));
    for (std::size_t layer = 0; layer < credit.size(); ++layer)
        if (credit[layer].unit.sizes() != probe.gradient[layer].sizes())
            throw std::invalid_argument("the credit signal of layer " + std::to_string(layer) +
                                        " doesn't have the shape of its hidden state");
}

GammaInputs gamma_inputs(const Probe& probe, const SampleVectors& input)
{
    const auto with_mean = [](const SampleVectors& vectors) {
        return canonical_nan(at::cat({vectors.unit, mean_direction(vectors).unsqueeze(0)}).to(at::kFloat))
            .contiguous();
    };
    GammaInputs inputs;
    for (std::size_t layer = 0; layer < probe.layers(); ++layer)
        inputs.reference.push_back(with_mean(probe.reference(layer)));
    inputs.input = with_mean(input);
    inputs.gradient_norm = canonical_nan(probe.gradient_norm).contiguous();
    inputs.input_norm = canonical_nan(input.norm).contiguous();
    return inputs;
}

/// σ′ of a plain chain as the engine wants it.
/// @param gates  [N, d_l] by layer
void put_gates(GammaInputs& inputs, const std::vector<at::Tensor>& gates)
{
    std::vector<at::Tensor> sizes;
    for (const auto& gate : gates) {
        const auto rows = sample_vectors(gate.to(at::kDouble).contiguous());
        const double root = std::sqrt(static_cast<double>(gate.size(1)));
        const auto even = at::where((rows.norm == 0).unsqueeze(1), 0.0, rows.unit * root);
        inputs.gate.push_back(canonical_nan(even.to(at::kFloat)).contiguous());
        sizes.push_back(rows.norm / root);
    }
    inputs.gate_size = canonical_nan(at::stack(sizes, 1)).contiguous();
}

/// What needs no credit signal.
BatchResult measure_probe(const Probe& probe)
{
    BatchResult result;
    measure_state(result.measured, probe);
    measure_pitfalls(result.measured, probe);
    return result;
}

/// What a credit signal adds, but for the float32 path.
/// @param trained  is it the training's own, so that there is a Γ_train?
void measure_credit(BatchResult& result, const Probe& probe, const at::Tensor& labels,
                    const Evaluation& evaluation, const std::vector<SampleVectors>& credit, bool trained)
{
    check_signal(probe, credit);
    if (trained)
        measure_training_gamma(result.measured, probe, credit);
    measure_pitfall_gamma(result.measured, probe, credit);
    if (jobs::has_feedback(evaluation.credit))
        result.gamma_inputs =
            gamma_inputs(probe, feedback_input(evaluation.credit, evaluation.loss, probe.output, labels));
}

} // namespace

BatchResult measure_batch(const models::Network& network, const models::Network& network32,
                          const at::Tensor& inputs, const at::Tensor& labels, const Evaluation& evaluation)
{
    const Probe probed = probe(network, inputs, labels, evaluation.loss, evaluation.precision);
    const at::NoGradGuard constant; // probe and float32_gamma record what they need themselves
    auto result = measure_probe(probed);
    if (evaluation.credit == jobs::Credit::none)
        return result;
    const auto plain = network.plain_states();
    const auto rule = signal_of(probed, evaluation, plain);
    const auto context = context_of(probed, network, inputs, labels, evaluation.precision);
    const auto credit = (*rule)(context, probed.output);
    measure_credit(result, probed, labels, evaluation, credit.layers,
                   evaluation.own_signal || !evaluation.training_feedback.empty());
    if (is_gated(propagation_of(evaluation.credit, plain)))
        put_gates(result.gamma_inputs, network.gates(context.inputs));
    result.measured.float32_gamma =
        finished(float32_gamma(network32, inputs, labels, evaluation.loss, *rule));
    if (credit.residual.defined())
        result.measured.relaxation_residual = finished(credit.residual);
    return result;
}

BatchResult measure_given(const GivenTensors& given, const at::Tensor& labels, const Evaluation& evaluation)
{
    const at::NoGradGuard constant;
    const Probe probed = probe_of(given);
    auto result = measure_probe(probed);
    if (evaluation.credit == jobs::Credit::none)
        return result;
    std::vector<SampleVectors> credit;
    for (const auto& rows : given.credit)
        credit.push_back(sample_vectors(rows));
    const bool own = !credit.empty();
    if (!own)
        credit = visible_rule(probed, evaluation, {}).of_output(probed.output, labels);
    measure_credit(result, probed, labels, evaluation, credit, own || !evaluation.training_feedback.empty());
    result.measured.float32_gamma = unknown_like(result.measured.hidden_norm);
    return result;
}

} // namespace fa::diagnostics
