#include "harness/plan.hpp"

#include "harness/open_model.hpp"
#include "harness/rows.hpp"
#include "jobs/plan.hpp"
#include "models/checkpoint.hpp"
#include "models/network.hpp"
#include "models/safetensors_header.hpp"
#include "store/hdf5.hpp"
#include "store/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <span>

namespace fa::harness {
namespace {

/// A checkpoint's network from names and shapes alone: tensors without memory.
std::unique_ptr<models::Network> network_of_shapes(const models::SafetensorsHeader& header,
                                                   const jobs::RunSpec& spec)
{
    models::Checkpoint checkpoint;
    checkpoint.metadata = header.metadata;
    for (const auto& entry : header.entries)
        checkpoint.tensors[entry.name] =
            at::empty(entry.shape, at::TensorOptions(at::kFloat).device(at::kMeta));
    return models::make_network(checkpoint, spec.model, spec.model_options);
}

std::int64_t numbers_in(const std::vector<std::int64_t>& shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

/// A network, and how many weights it has.
struct SizedNetwork {
    std::unique_ptr<models::Network> network;
    std::int64_t parameters = 0;
};

/// What a program holds only the program can tell: a TorchScript archive is loaded whole.
SizedNetwork torchscript_network(const jobs::RunSpec& spec, const std::vector<std::int64_t>& sample_shape)
{
    std::ifstream stream(spec.checkpoint, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
    auto model = open_model(spec, std::as_bytes(std::span(bytes)), sample_shape);
    SizedNetwork sized{std::move(model.network), 0};
    for (const auto& [name, tensor] : model.checkpoint.tensors)
        sized.parameters += name.starts_with("feedback.") ? 0 : tensor.numel();
    return sized;
}

SizedNetwork network_of(const jobs::RunSpec& spec, const std::vector<std::int64_t>& sample_shape)
{
    if (spec.model == "torchscript")
        return torchscript_network(spec, sample_shape);
    const auto header = models::read_safetensors_header(spec.checkpoint);
    SizedNetwork sized{network_of_shapes(header, spec), 0};
    for (const auto& entry : header.entries)
        sized.parameters += entry.name.starts_with("feedback.") ? 0 : numbers_in(entry.shape);
    return sized;
}

/// Shape of one sample.
std::vector<std::int64_t> sample_shape_in(const std::filesystem::path& data)
{
    const auto file = store::open_to_read(data);
    const auto sizes = store::dimensions(store::open_dataset(file, "test/x", data.string()), data.string());
    return {sizes.begin() + (sizes.empty() ? 0 : 1), sizes.end()};
}

std::int64_t test_samples_in(const std::filesystem::path& data)
{
    const auto file = store::open_to_read(data);
    const auto labels = store::open_dataset(file, "test/y", data.string());
    const auto sizes = store::dimensions(labels, data.string());
    return sizes.empty() ? 0 : static_cast<std::int64_t>(sizes.front());
}

} // namespace

PlannedRun plan_run(const jobs::RunSpec& spec, const AuditOptions& options)
{
    PlannedRun planned;
    try {
        const auto sample_shape = sample_shape_in(spec.data);
        const auto [network, parameters] = network_of(spec, sample_shape);
        const auto test_samples = test_samples_in(spec.data);
        planned.work = work_of(spec, network->widths(), network->classes(), parameters, test_samples);
        planned.shape = fmt::format("{}, {} classes", network->architecture(), network->classes());

        store::RunAttributes attributes;
        attributes.credit = jobs::to_string(spec.credit);
        attributes.width = network->widths();
        attributes.depth = static_cast<std::int64_t>(attributes.width.size()) - 1;
        attributes.classes = network->classes();
        attributes.batches = spec.batches;
        attributes.batch_size = spec.batch_size;
        attributes.draws = spec.credit == jobs::Credit::none ? 0 : spec.draws;
        attributes.test_samples = test_samples;
        attributes.keep = to_string(options.keep);
        planned.store_bytes = bytes_of(attributes);
        const auto features = numbers_in(sample_shape);
        if (network->features().value_or(features) != features)
            planned.problem = fmt::format("{}: test/x has {} numbers a sample, but the network takes {}",
                                          spec.data.string(), features, *network->features());
        else if (spec.batches * spec.batch_size > test_samples)
            planned.problem = fmt::format("{} test samples are too few for {} batches of {}", test_samples,
                                          spec.batches, spec.batch_size);
    } catch (const std::exception& error) {
        planned.problem = error.what();
    }
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

std::string plan_text(const jobs::Manifest& manifest, const std::vector<PlannedRun>& runs,
                      const AuditOptions& options, int ranks)
{
    std::int64_t useful = 1;
    std::uint64_t bytes = 0;
    std::string text = fmt::format("{} runs, in the order they are handed out:\n", runs.size());
    for (const auto index : costliest_first(runs)) {
        const auto& spec = manifest.runs[static_cast<std::size_t>(index)];
        const auto& run = runs[static_cast<std::size_t>(index)];
        if (!run.problem.empty()) {
            text += fmt::format("  {}  would fail: {}\n", spec.name, run.problem);
            continue;
        }
        text += fmt::format("  {}  {}; {} batches of {}, {} draws in {} blocks; {:.2g} Gflop; {} of store\n",
                            spec.name, run.shape, spec.batches, spec.batch_size, spec.draws,
                            run.work.draw_blocks, 2e-9 * run.work.total(), human_bytes(run.store_bytes));
        useful = std::max(useful, run.work.useful_ranks());
        bytes += run.store_bytes;
    }
    const auto teams =
        form_teams(ranks, static_cast<std::int64_t>(runs.size()), useful, options.ranks_per_run);
    text +=
        fmt::format("{} rank{} in {} team{}; {} of store in {}\n", ranks, ranks == 1 ? "" : "s", teams.count,
                    teams.count == 1 ? "" : "s", human_bytes(bytes), options.output.string());
    return text;
}

} // namespace fa::harness
