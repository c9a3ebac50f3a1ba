#include "training/record.hpp"

#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/training_feedback.hpp"
#include "models/safetensors_header.hpp"
#include "training/trainer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace fa::training {
namespace {

/// The shortest decimal that reads back as the same number.
std::string decimal(double number)
{
    std::array<char, 32> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
    return {text.data(), written.ptr};
}

std::string comma_list(const std::vector<double>& numbers)
{
    std::string list;
    for (const auto number : numbers)
        list.append(list.empty() ? "" : ",").append(decimal(number));
    return list;
}

} // namespace

Feedback make_feedback(const Recipe& recipe, std::int64_t classes)
{
    if (!records_feedback(recipe.method))
        return {};
    const std::vector<std::int64_t> widths(static_cast<std::size_t>(recipe.depth) + 1, recipe.width);
    const auto propagation =
        diagnostics::propagation_of(credit_of(recipe.method).value_or(jobs::Credit::dfa));
    const auto shapes = diagnostics::feedback_shapes(propagation, widths, classes);
    Feedback feedback;
    feedback.std = diagnostics::default_feedback_scale(shapes);
    feedback.matrices = diagnostics::seeded_feedback(recipe.feedback_seed, recipe.feedback_distribution,
                                                     shapes, feedback.std);
    return feedback;
}

models::Checkpoint make_record(const Recipe& recipe, const models::ResMlp& network, const LearningRule& rule,
                               const Feedback& feedback, const std::string& data_sha256, int threads)
{
    models::Checkpoint checkpoint;
    for (const auto& [name, tensor] : network.named_tensors())
        checkpoint.tensors.emplace(name, tensor.detach());
    for (const auto& [name, tensor] : rule.own_tensors())
        checkpoint.tensors.emplace(name, tensor.detach());
    checkpoint.metadata = {
        {"format", "fa-harness"},
        {"model", "resmlp"},
        {"method", to_string(recipe.method)},
        {"seed", std::to_string(recipe.seed)},
        {"recipe", recipe_line(recipe, threads)},
        {"data_sha256", data_sha256},
        {"feedback_used", records_feedback(recipe.method) && credit_of(recipe.method) ? "true" : "false"}};
    if (const auto credit = credit_of(recipe.method))
        checkpoint.metadata["credit"] = jobs::to_string(*credit);
    if (recipe.method == Method::ep) {
        checkpoint.metadata["ep_beta"] = decimal(recipe.ep_beta);
        checkpoint.metadata["ep_steps"] = std::to_string(recipe.ep_steps);
        checkpoint.metadata["ep_step"] = decimal(recipe.ep_step);
    }
    if (feedback.matrices.empty())
        return checkpoint;
    for (std::size_t l = 0; l < feedback.matrices.size(); ++l)
        checkpoint.tensors.emplace(std::string("feedback.").append(std::to_string(l)), feedback.matrices[l]);
    checkpoint.metadata.emplace("credit", "dfa"); // of BP: whose matrices these are
    checkpoint.metadata["feedback_seed"] = std::to_string(recipe.feedback_seed);
    checkpoint.metadata["feedback_distribution"] = jobs::to_string(recipe.feedback_distribution);
    checkpoint.metadata["feedback_std"] = comma_list(feedback.std);
    checkpoint.metadata["feedback_sha256"] = diagnostics::feedback_sha256(feedback.matrices);
    return checkpoint;
}

bool already_trained(const std::filesystem::path& file, const Recipe& recipe, const std::string& data_sha256,
                     int threads)
{
    if (!std::filesystem::exists(file))
        return false;
    try {
        const auto metadata = models::read_safetensors_header(file).metadata;
        const auto says = [&](const char* key, const std::string& value) {
            const auto found = metadata.find(key);
            return found != metadata.end() && found->second == value;
        };
        return says("recipe", recipe_line(recipe, threads)) && says("data_sha256", data_sha256);
    } catch (const models::CheckpointError&) {
        return false; // not a checkpoint of ours: it is replaced
    }
}

} // namespace fa::training
