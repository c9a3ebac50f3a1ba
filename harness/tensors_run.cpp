#include "harness/tensors_run.hpp"

#include "models/network_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace fa::harness {
namespace {

at::Tensor tensor_of(std::vector<double> values, at::IntArrayRef shape)
{
    return at::from_blob(values.data(), shape, at::kDouble).clone();
}

} // namespace

void check_measured(const jobs::RunSpec& spec, const jobs::TensorsFile& file)
{
    models::NetworkSettings(spec.model_options, {}).expect_only("tensors", {});
    const auto wanted = spec.batches * spec.batch_size;
    if (wanted > file.samples())
        throw jobs::DataError(
            fmt::format("{}: {} samples are too few for batches={} of batch_size={} ({} samples)",
                        spec.checkpoint.string(), file.samples(), spec.batches, spec.batch_size, wanted));
    const bool needs_credit = spec.credit != jobs::Credit::none && !jobs::has_feedback(spec.credit);
    if (needs_credit && !file.has_credit())
        throw jobs::DataError(fmt::format(
            "{}: credit={} has no feedback matrices and tensors are no network to run, so the file needs the "
            "method's own signals, datasets credit/0 … credit/{}",
            spec.checkpoint.string(), jobs::to_string(spec.credit), file.widths().size() - 1));
}

models::Checkpoint feedback_and_metadata(const jobs::TensorsFile& file)
{
    models::Checkpoint checkpoint;
    checkpoint.metadata = file.metadata();
    for (auto& [name, matrix] : file.feedback())
        checkpoint.tensors[name] = tensor_of(matrix.values, {matrix.rows, matrix.columns}).to(at::kFloat);
    return checkpoint;
}

std::string architecture_of(const jobs::TensorsFile& file)
{
    if (const auto recorded = file.metadata().find("architecture"); recorded != file.metadata().end())
        return recorded->second;
    const auto widths = file.widths();
    const bool even = std::equal(widths.begin() + 1, widths.end(), widths.begin());
    return fmt::format("tensors-{}x{}", widths.size() - 1,
                       even ? std::to_string(widths.front()) : fmt::format("{}", fmt::join(widths, "-")));
}

diagnostics::GivenTensors given_tensors(const jobs::TensorsFile& file, std::int64_t first, std::int64_t count)
{
    const auto widths = file.widths();
    const auto rows = [&](const std::string& dataset, std::int64_t columns) {
        return tensor_of(file.rows(dataset, first, count), {count, columns});
    };
    const auto by_layer = [&](const char* group) {
        std::vector<at::Tensor> layers;
        for (std::size_t l = 0; l < widths.size(); ++l)
            layers.push_back(rows(fmt::format("{}/{}", group, l), widths[l]));
        return layers;
    };
    diagnostics::GivenTensors given;
    given.gradient = by_layer("gradient");
    for (auto& gradient : given.gradient)
        gradient.mul_(file.gradient_factor());
    given.error = rows("error", file.classes());
    if (file.has_hidden_states())
        given.hidden = by_layer("hidden");
    else
        given.hidden_norm = rows("hidden_norm", static_cast<std::int64_t>(widths.size()));
    if (file.has_loss())
        given.loss = rows("loss", 1).squeeze(1);
    if (file.has_credit())
        given.credit = by_layer("credit");
    return given;
}

at::Tensor labels_of(const jobs::TensorsFile& file)
{
    auto labels = file.labels();
    return at::from_blob(labels.data(), {static_cast<std::int64_t>(labels.size())}, at::kLong).clone();
}

at::Tensor correct_of(const jobs::TensorsFile& file, std::int64_t begin, std::int64_t end)
{
    auto correct = file.correct();
    return at::from_blob(correct.data(), {static_cast<std::int64_t>(correct.size())}, at::kByte)
        .slice(0, begin, end)
        .clone();
}

} // namespace fa::harness
