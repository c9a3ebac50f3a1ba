#include "diagnostics/feedback_record.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace fa::diagnostics {
namespace {

std::optional<std::string> recorded(const models::Checkpoint& checkpoint, const char* key)
{
    const auto found = checkpoint.metadata.find(key);
    return found == checkpoint.metadata.end() ? std::nullopt : std::optional(found->second);
}

/// Rules without feedback matrices, and ones not known here, say nothing about matrices.
std::optional<jobs::Credit> recorded_credit(const models::Checkpoint& checkpoint)
{
    try {
        const auto text = recorded(checkpoint, "credit");
        const auto credit = text ? std::optional(jobs::credit_from(*text)) : std::nullopt;
        return credit && jobs::has_feedback(*credit) ? credit : std::nullopt;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

[[noreturn]] void refuse_scale(const std::string& text, std::size_t layers)
{
    throw models::CheckpointError(
        fmt::format("metadata 'feedback_std' is '{}', but should be a positive number, or {} with "
                    "commas between them, one for each layer",
                    text, layers));
}

std::vector<double> parse_scale(const std::string& text, std::size_t layers)
{
    std::vector<double> scale;
    for (std::string_view rest = text;;) {
        const std::string_view word = rest.substr(0, rest.find(','));
        double value = 0.0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(value) || value <= 0.0)
            refuse_scale(text, layers);
        scale.push_back(value);
        if (word.size() == rest.size())
            break;
        rest.remove_prefix(word.size() + 1);
    }
    if (scale.size() == 1) // of all
        scale.resize(layers, scale.front());
    if (scale.size() != layers)
        refuse_scale(text, layers);
    return scale;
}

} // namespace

FeedbackRecord feedback_record(const models::Checkpoint& checkpoint, std::size_t layers,
                               std::optional<jobs::Distribution> told)
{
    FeedbackRecord record;
    record.credit = recorded_credit(checkpoint);
    record.sha256 = recorded(checkpoint, "feedback_sha256");
    record.seed = recorded(checkpoint, "feedback_seed");
    if (const auto text = recorded(checkpoint, "feedback_std"))
        record.scale = parse_scale(*text, layers);
    if (const auto text = recorded(checkpoint, "feedback_distribution"); text && !told) {
        try {
            record.distribution = jobs::distribution_from(*text);
        } catch (const std::invalid_argument& error) {
            throw models::CheckpointError(fmt::format(
                "metadata 'feedback_distribution': {}; the manifest's feedback_distribution=… overrules it",
                error.what()));
        }
    }
    return record;
}

} // namespace fa::diagnostics
