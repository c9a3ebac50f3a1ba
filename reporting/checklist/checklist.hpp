#pragma once
/// The six pitfalls of an evaluation, one by one: what the store and, where it is given, the user's own code
/// say.

#include "aggregation/audit.hpp"
#include "reporting/checklist/source_scan.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace fa::reporting {

enum class Answer { ok, finding, unknown };

struct ChecklistItem {
    int pitfall = 0; ///< 1 to 6
    std::string title;
    Answer answer = Answer::unknown;
    std::string why;                   ///< a sentence: what the answer rests on
    std::vector<Finding> findings;     ///< in the source
    std::vector<std::string> evidence; ///< from the store: numbers with the names of runs
};

struct Checklist {
    std::vector<ChecklistItem> items;   ///< those asked for, in order
    std::size_t measured = 0, runs = 0; ///< of the store
    std::optional<SourceScan> source;   ///< its findings stand in the items
};

/// Which pitfalls: "1,2,4".
/// @throws std::invalid_argument
std::vector<int> pitfalls_from(const std::string& text);

/// @param pitfalls  which items
/// @param source    what was found in the user's code, where it was looked through
Checklist make_checklist(const aggregation::Audit& audit, const std::vector<int>& pitfalls,
                         std::optional<SourceScan> source);

void print(const Checklist& checklist, std::ostream& terminal);

/// 5 where an item has findings, else 0.
int exit_code(const Checklist& checklist);

} // namespace fa::reporting
