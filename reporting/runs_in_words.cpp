#include "reporting/runs_in_words.hpp"

#include "aggregation/join.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {

using aggregation::add_word;
using aggregation::Audit;

Runs measured_runs(const Audit& audit)
{
    Runs runs;
    for (const auto& run : audit.runs) {
        if (run.result) {
            runs.push_back(&run);
        }
    }
    return runs;
}

std::string names_of(const Runs& runs, const Audit& audit)
{
    std::string names;
    for (const auto& group : audit.groups) {
        std::string members;
        std::size_t count = 0;
        for (const auto* run : runs) {
            if (run->group == group.name) {
                add_word(members, ", ", run->spec.name);
                ++count;
            }
        }
        const bool whole = count == group.n && count > 1;
        if (count > 0) {
            add_word(names, ", ", whole ? fmt::format("{} (all {} runs)", group.name, count) : members);
        }
    }
    return names;
}

std::vector<std::pair<std::string, Runs>> alike(const Runs& runs, const Statement& statement)
{
    std::vector<std::pair<std::string, Runs>> sets;
    for (const auto* run : runs) {
        const auto text = statement(*run);
        const auto same =
            std::find_if(sets.begin(), sets.end(), [&](const auto& one) { return one.first == text; });
        (same == sets.end() ? sets.emplace_back(text, Runs{}) : *same).second.push_back(run);
    }
    return sets;
}

std::string for_runs(const Audit& audit, const Runs& runs, const Statement& statement)
{
    const auto sets = alike(runs, statement);
    if (sets.size() == 1) {
        return sets.front().first;
    }
    std::string text;
    for (const auto& [said, of] : sets) {
        add_word(text, "; ", fmt::format("for {}: {}", names_of(of, audit), said));
    }
    return text;
}

} // namespace fa::reporting
