#include "harness/plan.hpp"

#include "diagnostics/feedback_rule.hpp"
#include "harness/open_model.hpp"
#include "harness/rows.hpp"
#include "harness/tensors_run.hpp"
#include "jobs/dataset.hpp"
#include "jobs/plan.hpp"
#include "models/checkpoint.hpp"
#include "models/mapped_file.hpp"
#include "models/network.hpp"
#include "store/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace fa::harness {
namespace {

/// A checkpoint from names and shapes alone: tensors without memory.
models::Checkpoint checkpoint_of_shapes(const models::CheckpointHeader& header)
{
    models::Checkpoint checkpoint;
    checkpoint.metadata = header.metadata;
    for (const auto& [name, shape] : header.shapes)
        checkpoint.tensors[name] = at::empty(shape, at::TensorOptions(at::kFloat).device(at::kMeta));
    return checkpoint;
}

std::int64_t parameters_in(const models::CheckpointHeader& header)
{
    std::int64_t total = 0;
    for (const auto& [name, shape] : header.shapes)
        if (!name.starts_with("feedback."))
            total += std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    return total;
}

models::CheckpointHeader header_of(const jobs::RunSpec& spec)
{
    auto header = models::read_checkpoint_header(spec.checkpoint, spec.checkpoint_part);
    if (const auto* stored = std::get_if<jobs::StoredFeedback>(&spec.feedback))
        models::name_feedback(header, stored->pattern);
    return header;
}

PlannedData read_data_header(const DataKey& key)
{
    auto header = jobs::read_split_header(key.first, "test", key.second);
    return {.file_bytes = header.file_bytes,
            .test_samples = header.samples,
            .features = std::accumulate(header.shape.begin(), header.shape.end(), std::int64_t{1},
                                        std::multiplies<>()),
            .sample_shape = std::move(header.shape)};
}

/// Will there be a Γ_train, as far as the header tells?
bool has_training_feedback(const jobs::RunSpec& spec, const models::CheckpointHeader& header,
                           std::size_t layers)
{
    if (!jobs::has_feedback(spec.credit))
        return true; // a rule of its own, or none
    if (std::holds_alternative<jobs::StoredFeedback>(spec.feedback))
        return models::missing_feedback(header, layers).empty() &&
               std::any_of(header.shapes.begin(), header.shapes.end(),
                           [](const auto& entry) { return entry.first.starts_with("feedback."); });
    return !std::holds_alternative<jobs::NoFeedback>(spec.feedback);
}

/// What headers say of a run's network, or of what was measured of one elsewhere.
struct PlannedModel {
    std::string architecture;
    std::vector<std::int64_t> widths;
    std::int64_t classes = 0, parameters = 0;
    bool has_train = false;
    std::int64_t test_samples = 0;
    std::optional<models::HiddenStates> plain_states;
    std::string problem; ///< what is wrong although the files can be read; else empty
};

store::RunAttributes attributes_of(const jobs::RunSpec& spec, const AuditOptions& options,
                                   const PlannedModel& model)
{
    store::RunAttributes attributes;
    attributes.name = spec.name;
    attributes.credit = jobs::to_string(spec.credit);
    attributes.precision = to_string(options.precision);
    attributes.width = model.widths;
    attributes.depth = static_cast<std::int64_t>(attributes.width.size()) - 1;
    attributes.classes = model.classes;
    attributes.batches = spec.batches;
    attributes.batch_size = spec.batch_size;
    attributes.draws = jobs::has_feedback(spec.credit) ? spec.draws : 0;
    attributes.feedback_shared = spec.feedback_shared;
    attributes.test_samples = model.test_samples;
    attributes.keep = to_string(options.keep);
    attributes.train_reason = model.has_train ? "" : "no training feedback";
    return attributes;
}

/// What is wrong with a run although its files can be read; empty: nothing.
std::string misfit(const jobs::RunSpec& spec, const models::Network& network, const PlannedData& data)
{
    if (network.features().value_or(data.features) != data.features)
        return fmt::format("{}: its samples have {} numbers, but the network takes {}", spec.data.string(),
                           data.features, *network.features());
    if (spec.batches * spec.batch_size > data.test_samples)
        return fmt::format("{} test samples are too few for {} batches of {}", data.test_samples,
                           spec.batches, spec.batch_size);
    return "";
}

/// Matrices that can't be those of the network: of a file, which is read, or of the checkpoint by their
/// shapes. Where a chain's and other matrices must be told apart first the audit tells.
/// @throws models::CheckpointError saying which and why
void check_feedback(const jobs::RunSpec& spec, const models::CheckpointHeader& header,
                    const models::Network& network)
{
    if (!jobs::has_feedback(spec.credit) || spec.feedback_shared)
        return;
    const auto propagation = diagnostics::propagation_of(spec.credit, network.plain_states());
    const auto shapes = diagnostics::feedback_shapes(propagation, network.widths(), network.classes());
    if (const auto* source = std::get_if<jobs::FileFeedback>(&spec.feedback)) {
        const models::MappedFile file(source->path);
        models::stored_feedback(models::read_feedback(file.bytes(), source->part), shapes);
        return;
    }
    const auto recorded = header.metadata.find("credit");
    const bool direct = propagation == diagnostics::Propagation::direct &&
                        (recorded == header.metadata.end() || !recorded->second.starts_with("fa"));
    if (direct && std::holds_alternative<jobs::StoredFeedback>(spec.feedback))
        models::stored_feedback(checkpoint_of_shapes(header), shapes);
}

/// A network with what else its checkpoint holds.
struct PlannedNetwork {
    std::unique_ptr<models::Network> network;
    models::CheckpointHeader header;
};

/// What a program holds only the program can tell: a TorchScript archive is loaded whole.
PlannedNetwork planned_program(const jobs::RunSpec& spec, const PlannedData& data)
{
    const models::MappedFile file(spec.checkpoint);
    auto model = open_model(spec, file.bytes(), data.sample_shape);
    file.check_still_whole();
    PlannedNetwork planned{std::move(model.network), {.shapes = {}, .metadata = model.checkpoint.metadata}};
    for (const auto& [name, tensor] : model.checkpoint.tensors)
        planned.header.shapes.emplace(name, tensor.sizes().vec());
    return planned;
}

PlannedNetwork planned_network(const jobs::RunSpec& spec, const PlannedData& data)
{
    if (spec.model == "torchscript")
        return planned_program(spec, data);
    auto header = header_of(spec);
    auto network = models::make_network(checkpoint_of_shapes(header), spec.model, spec.model_options);
    return {std::move(network), std::move(header)};
}

PlannedModel plan_network(const jobs::RunSpec& spec, const PlannedData& data)
{
    const auto [network, header] = planned_network(spec, data);
    check_feedback(spec, header, *network);
    return {.architecture = network->architecture(),
            .widths = network->widths(),
            .classes = network->classes(),
            .parameters = parameters_in(header),
            .has_train = has_training_feedback(spec, header, network->widths().size()),
            .test_samples = data.test_samples,
            .plain_states = network->plain_states(),
            .problem = misfit(spec, *network, data)};
}

PlannedModel plan_tensors(const jobs::RunSpec& spec)
{
    const jobs::TensorsFile file(spec.checkpoint);
    check_measured(spec, file);
    models::CheckpointHeader header;
    for (const auto& [name, tensor] : feedback_and_metadata(file).tensors)
        header.shapes.emplace(name, tensor.sizes().vec());
    return {.architecture = architecture_of(file),
            .widths = file.widths(),
            .classes = file.classes(),
            .parameters = 0,
            .has_train = file.has_credit() || has_training_feedback(spec, header, file.widths().size()),
            .test_samples = file.test_samples(),
            .plain_states = {},
            .problem = ""};
}

} // namespace

const PlannedData& Planner::data_of(const DataKey& key)
{
    const auto known = data_.find(key);
    return known != data_.end() ? known->second : data_[key] = read_data_header(key);
}

PlannedRun Planner::plan(const jobs::RunSpec& spec)
{
    PlannedRun run;
    try {
        if (!spec.is_tensors()) {
            run.data_key = {spec.data, spec.data_options};
            run.data = data_of(run.data_key);
        }
        const auto model = spec.is_tensors() ? plan_tensors(spec) : plan_network(spec, run.data);
        run.parameters = model.parameters;
        run.checkpoint_bytes = std::filesystem::file_size(spec.checkpoint);
        if (const auto* file = std::get_if<jobs::FileFeedback>(&spec.feedback))
            run.feedback_file_bytes = std::filesystem::file_size(file->path);
        run.work = work_of(spec, model.widths, model.classes, run.parameters, model.test_samples,
                           model.plain_states);
        run.plain_states = model.plain_states;
        run.shape = fmt::format("{}, {} classes", model.architecture, model.classes);
        run.attributes = attributes_of(spec, options_, model);
        run.store_bytes = bytes_of(run.attributes);
        run.problem = model.problem;
    } catch (const std::exception& error) {
        run.problem = error.what();
    }
    return run;
}

std::vector<PlannedRun> plan_runs(const jobs::Manifest& manifest, const AuditOptions& options)
{
    Planner planner(options);
    std::vector<PlannedRun> planned;
    for (const auto& spec : manifest.runs)
        planned.push_back(planner.plan(spec));
    return planned;
}

std::vector<std::int64_t> costliest_first(const std::vector<PlannedRun>& runs)
{
    std::vector<std::int64_t> order(runs.size());
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        return runs[static_cast<std::size_t>(a)].work.total() >
               runs[static_cast<std::size_t>(b)].work.total();
    });
    return order;
}

int Teams::team_of(int rank, int ranks) const
{
    for (int team = 0; team < count; ++team)
        if (rank < jobs::share(ranks, team, count).end)
            return team;
    return count - 1;
}

int Teams::size_of(int team, int ranks) const
{
    return static_cast<int>(jobs::share(ranks, team, count).size());
}

Teams form_teams(int ranks, std::int64_t runs, std::int64_t useful_ranks, int ranks_per_run)
{
    const auto ceiling = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    const std::int64_t all = ranks;
    std::int64_t teams = all;
    if (ranks_per_run > 0)
        teams = ceiling(all, std::min<std::int64_t>(ranks_per_run, all));
    else if (all > runs)
        teams =
            std::max(std::max<std::int64_t>(runs, 1), ceiling(all, std::max<std::int64_t>(useful_ranks, 1)));
    return {static_cast<int>(std::min(teams, all))};
}

Teams teams_of(const std::vector<PlannedRun>& runs, int ranks, int ranks_per_run)
{
    std::int64_t useful = 1;
    for (const auto& run : runs)
        useful = std::max(useful, run.work.useful_ranks());
    return form_teams(ranks, static_cast<std::int64_t>(runs.size()), useful, ranks_per_run);
}

} // namespace fa::harness
