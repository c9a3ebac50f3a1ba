#include "harness/prepared_run.hpp"

#include "diagnostics/own_credit.hpp"
#include "harness/device_errors.hpp"
#include "harness/open_model.hpp"
#include "harness/tensors_run.hpp"
#include "jobs/plan.hpp"
#include "models/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>

namespace fa::harness {
namespace {

/// Runs a step on a file; its error says which file. A device's errors are no file's, and keep their kind.
template <typename Step>
auto naming(const std::filesystem::path& file, Step&& step)
{
    try {
        return step();
    } catch (const std::exception& error) {
        if (is_out_of_memory(error) || is_device_error(error))
            throw;
        throw std::runtime_error(file.string() + ": " + error.what());
    }
}

void check_data(const jobs::RunSpec& spec, const jobs::Split& test, const models::Network& network)
{
    if (const auto features = network.features(); features && *features != test.features)
        throw std::runtime_error(
            fmt::format("{}: its samples have {} numbers, but the network of {} takes {}", spec.data.string(),
                        test.features, spec.checkpoint.string(), *features));
    const auto classes = network.classes();
    const auto largest = *std::max_element(test.labels.begin(), test.labels.end());
    if (largest >= classes)
        throw std::runtime_error(
            fmt::format("{}: the test split has label {}, but the head of {} knows classes 0 … {}",
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

/// What attributes and draws depend on, whether a network or a file of tensors says it.
struct ModelShape {
    std::string architecture;
    std::vector<std::int64_t> widths;
    std::int64_t classes = 0;
    std::int64_t test_samples = 0;
};

ModelShape shape_of(const PreparedRun& run)
{
    if (run.tensors)
        return {architecture_of(*run.tensors), run.tensors->widths(), run.tensors->classes(),
                run.tensors->test_samples()};
    return {run.network->architecture(), run.network->widths(), run.network->classes(),
            run.data->test.samples()};
}

/// What a checkpoint's metadata say under a key, as an attribute can hold it; empty where they don't.
std::string recorded(const models::Checkpoint& checkpoint, const char* key)
{
    constexpr std::size_t longest = 100;
    const auto found = checkpoint.metadata.find(key);
    std::string text = found == checkpoint.metadata.end() ? "" : found->second.substr(0, longest);
    std::replace_if(text.begin(), text.end(), [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return text;
}

store::RunAttributes attributes_of(const PreparedRun& run, const ModelShape& shape,
                                   const models::Checkpoint& checkpoint, const AuditOptions& options,
                                   const RunInputs& inputs)
{
    const auto& spec = run.spec;
    store::RunAttributes attributes;
    attributes.name = spec.name;
    attributes.architecture = shape.architecture;
    attributes.model =
        run.tensors ? "tensors" : attributes.architecture.substr(0, attributes.architecture.find('-'));
    attributes.credit = jobs::to_string(spec.credit);
    attributes.loss = jobs::to_string(spec.loss);
    attributes.precision =
        to_string(run.evaluation.precision == at::kDouble ? Precision::float64 : Precision::float32);
    attributes.width = shape.widths;
    attributes.depth = static_cast<std::int64_t>(attributes.width.size()) - 1;
    attributes.classes = shape.classes;
    attributes.batch_size = spec.batch_size;
    attributes.batches = spec.batches;
    attributes.draws = run.has_fresh() ? spec.draws : 0;
    attributes.draw_seed = spec.draw_seed;
    attributes.eval_seed = spec.eval_seed;
    attributes.test_samples = shape.test_samples;
    attributes.feedback = source_label(spec.feedback);
    attributes.feedback_distribution = jobs::to_string(run.feedback.distribution);
    attributes.feedback_sign = spec.feedback_sign;
    attributes.feedback_shared = spec.feedback_shared;
    if (run.has_fresh() && !run.feedback.matrices.empty())
        attributes.feedback_verified = run.feedback.verified ? "verified" : "unverified";
    attributes.checkpoint_sha256 = inputs.hashes.checkpoint;
    attributes.data_sha256 = inputs.hashes.data;
    attributes.feedback_sha256 = run.feedback.sha256;
    attributes.recorded_credit = recorded(checkpoint, "credit");
    attributes.recorded_method = recorded(checkpoint, "method");
    attributes.recorded_seed = recorded(checkpoint, "seed");
    attributes.digest = inputs.digest;
    attributes.threads = options.threads;
    attributes.keep = to_string(options.keep);
    attributes.train_reason = run.has_own_credit() ? "" : run.feedback.reason;
    attributes.relaxation = run.relaxation;
    return attributes;
}

std::vector<at::Tensor> moved(std::vector<at::Tensor> tensors, at::Device device)
{
    for (auto& tensor : tensors)
        tensor = tensor.to(device);
    return tensors;
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
                      const ModelShape& shape)
{
    const auto propagation = diagnostics::propagation_of(run.spec.credit, run.plain_states());
    const auto shapes = diagnostics::feedback_shapes(propagation, shape.widths, shape.classes);
    std::optional<models::Checkpoint> feedback_file;
    if (const auto* file = std::get_if<jobs::FileFeedback>(&run.spec.feedback))
        feedback_file =
            naming(file->path, [&] { return models::read_feedback(inputs.feedback_file, file->part); });
    run.feedback = naming(run.spec.checkpoint, [&] {
        return diagnostics::training_feedback(run.spec, checkpoint, feedback_file ? &*feedback_file : nullptr,
                                              shapes);
    });
    run.draws = diagnostics::fresh_draws(run.spec, run.feedback, shapes, propagation);
    if (!run.feedback.matrices.empty())
        run.evaluation.training_feedback = moved(run.feedback.matrices, run.place.device);
    else if (run.has_gamma())
        run.evaluation.fresh_feedback = moved(first_fresh_draw(run.draws), run.place.device);
}

/// The same of a rule without feedback matrices.
void prepare_own_credit(PreparedRun& run, const models::Checkpoint& checkpoint)
{
    naming(run.spec.checkpoint, [&] {
        run.evaluation.own_signal =
            diagnostics::own_credit(run.spec, checkpoint, *run.network, run.place.device);
        if (run.spec.credit != jobs::Credit::ep)
            return;
        const auto [beta, steps, step] = diagnostics::relaxation_of(run.spec, checkpoint);
        run.relaxation = {.beta = beta, .steps = steps, .step = step};
    });
}

/// @returns its metadata and feedback matrices, and the networks that rules have beside it
models::Checkpoint load_network(PreparedRun& run, const RunInputs& inputs)
{
    const auto& file = run.spec.checkpoint;
    auto [checkpoint, network] =
        naming(file, [&] { return open_model(run.spec, inputs.checkpoint, inputs.data->test.shape); });
    auto precise =
        naming(file, [&] { return in_precision(*network, run.evaluation.precision, run.place.device); });
    run.evaluation.precision = precise.precision;
    run.network = std::move(precise.network);
    run.warning = std::move(precise.warning);
    run.network32 =
        naming(file, [&] { return network->to(at::TensorOptions(at::kFloat).device(run.place.device)); });
    for (const auto& [name, tensor] : checkpoint.tensors)
        run.parameters += name.starts_with("feedback.") ? 0 : tensor.numel();
    run.data = inputs.data;
    check_data(run.spec, inputs.data->test, *network);
    run.samples = jobs::evaluation_samples(inputs.data->test.samples(),
                                           run.spec.batches * run.spec.batch_size, run.spec.eval_seed);
    return std::move(checkpoint);
}

/// The same of a file of tensors, whose rows are the evaluation samples in their order.
models::Checkpoint load_tensors(PreparedRun& run, const RunInputs& inputs)
{
    run.tensors = std::make_unique<jobs::TensorsFile>(inputs.checkpoint, run.spec.checkpoint.string());
    check_measured(run.spec, *run.tensors);
    run.tensor_labels = labels_of(*run.tensors);
    run.samples.resize(static_cast<std::size_t>(run.spec.batches * run.spec.batch_size));
    std::iota(run.samples.begin(), run.samples.end(), std::int64_t{0});
    auto checkpoint = feedback_and_metadata(*run.tensors);
    if (const auto* stored = std::get_if<jobs::StoredFeedback>(&run.spec.feedback))
        naming(run.spec.checkpoint, [&] { models::name_feedback(checkpoint, stored->pattern); });
    return checkpoint;
}

} // namespace

std::int64_t PreparedRun::label(std::int64_t sample) const
{
    return tensors ? tensor_labels.const_data_ptr<std::int64_t>()[sample]
                   : data->test.labels[static_cast<std::size_t>(sample)];
}

PreparedRun::Batch PreparedRun::batch(std::span<const std::int64_t> indices) const
{
    const auto& test = data->test;
    const auto count = static_cast<std::int64_t>(indices.size());
    auto shape = test.shape;
    shape.insert(shape.begin(), count);
    // What a GPU copies by itself lies in pinned memory, which the allocator keeps until the copy is done.
    const auto& device = place.device;
    const auto here = at::TensorOptions().pinned_memory(device.is_cuda());
    Batch batch{at::empty(shape, here.dtype(at::kFloat)), at::empty({count}, here.dtype(at::kLong))};
    auto* inputs = batch.inputs.data_ptr<float>();
    auto* labels = batch.labels.data_ptr<std::int64_t>();
    for (const auto index : indices) {
        const auto* row = test.inputs.data() + index * test.features;
        inputs = std::copy_n(row, test.features, inputs);
        *labels++ = test.labels[static_cast<std::size_t>(index)];
    }
    for (auto* tensor : {&batch.inputs, &batch.labels})
        *tensor = tensor->to(at::TensorOptions(device), /*non_blocking=*/device.is_cuda());
    return batch;
}

PreparedRun::Batch PreparedRun::evaluation_batch(std::int64_t b) const
{
    const auto size = static_cast<std::size_t>(spec.batch_size);
    return batch(std::span(samples).subspan(static_cast<std::size_t>(b) * size, size));
}

PreparedRun prepare_run(const jobs::RunSpec& spec, const AuditOptions& options, const RunInputs& inputs,
                        const RankDevice& place)
{
    PreparedRun run;
    run.spec = spec;
    run.place = place;
    run.evaluation.credit = spec.credit;
    run.evaluation.loss = spec.loss;
    run.evaluation.precision = options.precision == Precision::float64 ? at::kDouble : at::kFloat;
    const auto checkpoint = spec.is_tensors() ? load_tensors(run, inputs) : load_network(run, inputs);
    const auto shape = shape_of(run);
    if (!run.has_gamma() || run.has_fresh())
        prepare_feedback(run, inputs, checkpoint, shape);
    else if (run.network) // what a rule without matrices did elsewhere is in the tensors' credit
        prepare_own_credit(run, checkpoint);
    run.attributes = attributes_of(run, shape, checkpoint, options, inputs);
    return run;
}

} // namespace fa::harness
