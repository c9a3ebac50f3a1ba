#include "aggregation/training_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

namespace fa::aggregation {
namespace {

/// The rule that a word of a checkpoint means, however it is written; nothing for other words.
std::optional<std::string> rule_of(std::string word)
{
    constexpr std::array<std::string_view, 5> rules = {"dfa", "sdfa", "drtp", "fa", "fa_noskip"};
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    const bool known = std::find(rules.begin(), rules.end(), word) != rules.end();
    return known ? std::optional(std::move(word)) : std::nullopt;
}

std::optional<std::int64_t> number_in(const std::string& text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

} // namespace

std::string record_sentence(const store::RunAttributes& run)
{
    std::vector<std::string> parts;
    for (const auto& [key, value] : {std::pair{"method", &run.recorded_method},
                                     {"credit", &run.recorded_credit},
                                     {"seed", &run.recorded_seed}})
        if (!value->empty())
            parts.push_back(fmt::format("{} '{}'", key, *value));
    std::string list;
    for (std::size_t i = 0; i < parts.size(); ++i)
        list += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    return list.empty() ? list : "The checkpoint records " + list + ".";
}

std::vector<std::string> record_warnings(const jobs::RunSpec& spec, const store::RunAttributes& run)
{
    std::vector<std::string> warnings;
    const bool compared = run.credit != "none" && run.credit != "callback";
    for (const auto& [key, value] :
         {std::pair{"credit", &run.recorded_credit}, {"method", &run.recorded_method}}) {
        const auto rule = rule_of(*value);
        if (!compared || !rule || *rule == run.credit)
            continue;
        warnings.push_back(fmt::format("the checkpoint records {} '{}', and what is evaluated is credit={}: "
                                       "Γ is that of another rule than the recorded one",
                                       key, *value, run.credit));
        break; // both say the same
    }
    const auto recorded = number_in(run.recorded_seed);
    if (recorded && spec.seed && *recorded != *spec.seed)
        warnings.push_back(fmt::format("the checkpoint records seed {}, and the manifest says seed={}",
                                       *recorded, *spec.seed));
    return warnings;
}

} // namespace fa::aggregation
