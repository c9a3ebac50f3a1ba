#include "harness/prepared_run.hpp"

#include "diagnostics/own_credit.hpp"
#include "harness/open_model.hpp"
#include "jobs/plan.hpp"
#include "models/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace fa::harness {
namespace {

/// Runs a step on a file; its error says which file.
template <typename Step>
auto naming(const std::filesystem::path& file, Step&& step)
{
    try {
        return step();
    } catch (const std::exception& error) {
        throw std::runtime_error(file.string() + ": " + error.what());
    }
}

void check_data(const jobs::RunSpec& spec, const jobs::Split& test, const models::Network& network)
{
    if (const auto features = network.features(); features && *features != test.features)
        throw std::runtime_error(
            fmt::format("{}: test/x has {} numbers a sample, but the network of {} takes {}",
                        spec.data.string(), test.features, spec.checkpoint.string(), *features));
    const auto classes = network.classes();
    const auto largest = *std::max_element(test.labels.begin(), test.labels.end());
    if (largest >= classes)
        throw std::runtime_error(
            fmt::format("{}: test/y has label {}, but the head of {} knows classes 0 … {}",
                        spec.data.string(), largest, spec.checkpoint.string(), classes - 1));
    const auto wanted = spec.batches * spec.batch_size;
    if (wanted > test.samples())
        throw std::runtime_error(
            fmt::format("{}: {} test samples are too few for batches={} of batch_size={} ({} samples)",
                        spec.data.string(), test.samples(), spec.batches, spec.batch_size, wanted));
}

/// The feedback source without paths: a run file says nothing of where things lay.
std::string source_label(const jobs::FeedbackSource& source)
{
    return std::holds_alternative<jobs::FileFeedback>(source) ? "file" : jobs::to_string(source);
}

store::RunAttributes attributes_of(const PreparedRun& run, const AuditOptions& options,
                                   const RunInputs& inputs)
{
    const auto& spec = run.spec;
    store::RunAttributes attributes;
    attributes.name = spec.name;
    attributes.architecture = run.network->architecture();
    attributes.model = attributes.architecture.substr(0, attributes.architecture.find('-'));
    attributes.credit = jobs::to_string(spec.credit);
    attributes.loss = jobs::to_string(spec.loss);
    attributes.precision =
        to_string(run.evaluation.precision == at::kDouble ? Precision::float64 : Precision::float32);
    attributes.width = run.network->widths();
    attributes.depth = static_cast<std::int64_t>(attributes.width.size()) - 1;
    attributes.classes = run.network->classes();
    attributes.batch_size = spec.batch_size;
    attributes.batches = spec.batches;
    attributes.draws = run.has_fresh() ? spec.draws : 0;
    attributes.draw_seed = spec.draw_seed;
    attributes.eval_seed = spec.eval_seed;
    attributes.test_samples = run.data->test.samples();
    attributes.feedback = source_label(spec.feedback);
    attributes.feedback_distribution = jobs::to_string(run.feedback.distribution);
    attributes.feedback_sign = spec.feedback_sign;
    attributes.feedback_shared = spec.feedback_shared;
    if (run.has_fresh() && run.has_train())
        attributes.feedback_verified = run.feedback.verified ? "verified" : "unverified";
    attributes.checkpoint_sha256 = inputs.hashes.checkpoint;
    attributes.data_sha256 = inputs.hashes.data;
    attributes.feedback_sha256 = run.feedback.sha256;
    attributes.digest = inputs.digest;
    attributes.threads = options.threads;
    attributes.keep = to_string(options.keep);
    attributes.train_reason = run.feedback.reason;
    attributes.relaxation = run.relaxation;
    return attributes;
}

std::vector<at::Tensor> first_fresh_draw(const diagnostics::DrawSpec& draws)
{
    std::vector<at::Tensor> matrices;
    for (std::size_t l = 0; l < draws.shapes.size(); ++l)
        matrices.push_back(diagnostics::draw(draws, 0, static_cast<std::int64_t>(l)).to(at::kDouble));
    return matrices;
}

/// The training feedback, the fresh draws, and what of them the batches are measured with.
void prepare_feedback(PreparedRun& run, const RunInputs& inputs, const models::Checkpoint& checkpoint,
                      const models::Network& network)
{
    const auto shapes = diagnostics::feedback_shapes(diagnostics::propagation_of(run.spec.credit),
                                                     network.widths(), network.classes());
    std::optional<models::Checkpoint> feedback_file;
    if (const auto* file = std::get_if<jobs::FileFeedback>(&run.spec.feedback))
        feedback_file =
            naming(file->path, [&] { return models::read_feedback(inputs.feedback_file, file->part); });
    run.feedback = naming(run.spec.checkpoint, [&] {
        return diagnostics::training_feedback(run.spec, checkpoint, feedback_file ? &*feedback_file : nullptr,
                                              shapes);
    });
    run.draws = diagnostics::fresh_draws(run.spec, run.feedback, shapes);
    if (run.has_train())
        run.evaluation.training_feedback = run.feedback.matrices;
    else if (run.has_gamma())
        run.evaluation.fresh_feedback = first_fresh_draw(run.draws);
}

/// The same of a rule without feedback matrices.
void prepare_own_credit(PreparedRun& run, const models::Checkpoint& checkpoint,
                        const models::Network& network)
{
    naming(run.spec.checkpoint, [&] {
        run.evaluation.own_signal = diagnostics::own_credit(run.spec, checkpoint, network);
        if (run.spec.credit != jobs::Credit::ep)
            return;
        const auto [beta, steps, step] = diagnostics::relaxation_of(run.spec, checkpoint);
        run.relaxation = {.beta = beta, .steps = steps, .step = step};
    });
}

} // namespace

PreparedRun::Batch PreparedRun::batch(std::span<const std::int64_t> indices) const
{
    const auto& test = data->test;
    const auto count = static_cast<std::int64_t>(indices.size());
    auto shape = test.shape;
    shape.insert(shape.begin(), count);
    Batch batch{at::empty(shape, at::kFloat), at::empty({count}, at::kLong)};
    auto* inputs = batch.inputs.data_ptr<float>();
    auto* labels = batch.labels.data_ptr<std::int64_t>();
    for (const auto index : indices) {
        const auto* row = test.inputs.data() + index * test.features;
        inputs = std::copy_n(row, test.features, inputs);
        *labels++ = test.labels[static_cast<std::size_t>(index)];
    }
    return batch;
}

PreparedRun::Batch PreparedRun::evaluation_batch(std::int64_t b) const
{
    const auto size = static_cast<std::size_t>(spec.batch_size);
    return batch(std::span(samples).subspan(static_cast<std::size_t>(b) * size, size));
}

PreparedRun prepare_run(const jobs::RunSpec& spec, const AuditOptions& options, const RunInputs& inputs)
{
    PreparedRun run;
    run.spec = spec;
    run.data = inputs.data;

    const auto wanted = options.precision == Precision::float64 ? at::kDouble : at::kFloat;
    const auto [checkpoint, network] =
        naming(spec.checkpoint, [&] { return open_model(spec, inputs.checkpoint, inputs.data->test.shape); });
    auto precise = naming(spec.checkpoint, [&] { return in_precision(*network, wanted); });
    run.evaluation = {.credit = spec.credit,
                      .loss = spec.loss,
                      .precision = precise.precision,
                      .training_feedback = {},
                      .fresh_feedback = {},
                      .own_signal = {}};
    run.network = std::move(precise.network);
    run.warning = std::move(precise.warning);
    run.network32 = naming(spec.checkpoint, [&] { return network->to(at::kFloat); });
    for (const auto& [name, tensor] : checkpoint.tensors)
        run.parameters += name.starts_with("feedback.") ? 0 : tensor.numel();

    check_data(spec, inputs.data->test, *network);
    run.samples =
        jobs::evaluation_samples(inputs.data->test.samples(), spec.batches * spec.batch_size, spec.eval_seed);

    if (run.has_gamma() && !run.has_fresh())
        prepare_own_credit(run, checkpoint, *network);
    else
        prepare_feedback(run, inputs, checkpoint, *network);
    run.attributes = attributes_of(run, options, inputs);
    return run;
}

} // namespace fa::harness
