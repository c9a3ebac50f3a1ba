#include "harness/digest.hpp"

#include "jobs/sha256.hpp"
#include "store/run_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fa::harness {
namespace {

/// Raised whenever a change of this program changes a number that it measures.
constexpr int numerics_version = 3;

std::string feedback_text(const jobs::RunSpec& spec, const InputHashes& inputs)
{
    // A file counts by its content, not by its path.
    if (const auto* file = std::get_if<jobs::FileFeedback>(&spec.feedback))
        return "file:" + inputs.feedback_file + (file->part.empty() ? "" : ":" + file->part);
    return jobs::to_string(spec.feedback);
}

std::string options_text(const jobs::DataOptions& options)
{
    return fmt::format("scale {} mean {} std {} layout {}",
                       options.scale ? fmt::to_string(*options.scale) : "", fmt::join(options.mean, ","),
                       fmt::join(options.std, ","), static_cast<int>(options.layout));
}

} // namespace

std::string run_digest(const jobs::RunSpec& spec, const AuditOptions& options, const InputHashes& inputs)
{
    std::string text = fmt::format("{}\nnumerics {}\n", store::run_schema, numerics_version);
    const auto add = [&](const char* key, const auto& value) { text += fmt::format("{}={}\n", key, value); };
    add("checkpoint", inputs.checkpoint);
    if (!spec.checkpoint_part.empty())
        add("checkpoint_part", spec.checkpoint_part);
    add("data", inputs.data);
    if (!spec.is_tensors() && spec.data_options != jobs::DataOptions{})
        add("data_options", options_text(spec.data_options));
    add("model", spec.model);
    for (const auto& [key, value] : spec.model_options)
        add(("model." + key).c_str(), value);
    add("credit", jobs::to_string(spec.credit));
    add("loss", jobs::to_string(spec.loss));
    add("feedback", feedback_text(spec, inputs));
    add("feedback_sign", spec.feedback_sign);
    add("feedback_shared", spec.feedback_shared);
    add("feedback_distribution",
        spec.feedback_distribution ? jobs::to_string(*spec.feedback_distribution) : "");
    const auto add_if_set = [&](const char* key, const auto& value) {
        if (value)
            add(key, *value);
    };
    if (spec.credit == jobs::Credit::ep) {
        add_if_set("ep_beta", spec.ep_beta);
        add_if_set("ep_steps", spec.ep_steps);
        add_if_set("ep_step", spec.ep_step);
    }
    add("draws", spec.draws);
    add("draw_seed", spec.draw_seed);
    add("eval_seed", spec.eval_seed);
    add("batches", spec.batches);
    add("batch_size", spec.batch_size);
    add("precision", to_string(options.precision));
    add("keep", to_string(options.keep));
    // The last bits of a matrix product depend on how many threads share it.
    add("threads", options.threads);
    return jobs::sha256(text);
}

} // namespace fa::harness
