#include "jobs/run_spec.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

namespace fa::jobs {

namespace {

constexpr std::array<std::string_view, 5> distribution_names = {"normal", "uniform", "rademacher",
                                                                "orthogonal", "permute"};

constexpr std::array<std::string_view, 10> credit_names = {"dfa", "sdfa", "drtp", "fa",       "fa_noskip",
                                                           "ep",  "sb",   "cb",   "callback", "none"};

/// The enumerator whose name is `text`.
template <typename Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, const std::string& text)
{
    for (std::size_t i = 0; i < N; ++i) {
        if (text == names[i]) {
            return static_cast<Enum>(i);
        }
    }
    return std::nullopt;
}

} // namespace

bool has_feedback(Credit credit) noexcept
{
    return credit <= Credit::fa_noskip;
}

std::string to_string(Credit credit)
{
    return std::string(credit_names.at(static_cast<std::size_t>(credit)));
}

std::string to_string(Loss loss)
{
    return loss == Loss::cross_entropy ? "cross_entropy" : "mse";
}

std::string to_string(Distribution distribution)
{
    return std::string(distribution_names.at(static_cast<std::size_t>(distribution)));
}

std::string to_string(const FeedbackSource& source)
{
    struct Text {
        std::string operator()(const StoredFeedback& stored) const
        {
            return stored.pattern.empty() ? "stored" : "stored:" + stored.pattern;
        }
        std::string operator()(const NoFeedback&) const { return "none"; }
        std::string operator()(const FileFeedback& file) const
        {
            return file.path.string() + (file.part.empty() ? "" : ":" + file.part);
        }
        std::string operator()(const SeededFeedback& seeded) const
        {
            const bool torch = seeded.generator == SeededFeedback::Generator::torch_cpu;
            return (torch ? "seed:torch:" : "seed:") + std::to_string(seeded.seed);
        }
    };
    return std::visit(Text{}, source);
}

Credit credit_from(const std::string& text)
{
    if (const auto found = named<Credit>(credit_names, text)) {
        return *found;
    }
    throw std::invalid_argument("unknown credit '" + text +
                                "' (dfa, sdfa, drtp, fa, fa_noskip, ep, sb, "
                                "cb, callback or none)");
}

Distribution distribution_from(const std::string& text)
{
    if (const auto found = named<Distribution>(distribution_names, text)) {
        return *found;
    }
    throw std::invalid_argument("unknown feedback distribution '" + text +
                                "' (normal, uniform, rademacher, orthogonal or permute)");
}

} // namespace fa::jobs
