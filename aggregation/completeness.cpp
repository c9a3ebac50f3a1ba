#include "aggregation/completeness.hpp"

#include "aggregation/join.hpp"
#include "aggregation/table.hpp"

#include <fmt/format.h>

namespace fa::aggregation {
namespace {

constexpr std::size_t names_shown = 10;

std::string list_of(const std::vector<std::string>& names)
{
    std::string list;
    for (std::size_t i = 0; i < names.size() && i < names_shown; ++i) {
        add_word(list, ", ", names[i]);
    }
    return names.size() <= names_shown ? list
                                       : fmt::format("{} and {} more", list, names.size() - names_shown);
}

std::string line(const Audit& audit, RunState state, const char* is, const char* are)
{
    std::vector<std::string> names;
    for (const auto& run : audit.runs) {
        if (run.status.state == state) {
            names.push_back(run.spec.name);
        }
    }
    return names.empty() ? ""
                         : fmt::format("{} of {} runs {}: {}\n", names.size(), audit.runs.size(),
                                       names.size() == 1 ? is : are, printable(list_of(names)));
}

} // namespace

std::string completeness(const Audit& audit)
{
    return line(audit, RunState::failed, "failed", "failed") +
           line(audit, RunState::missing, "is missing", "are missing");
}

} // namespace fa::aggregation
