#include "reporting/checklist/evidence.hpp"

#include "aggregation/table.hpp"
#include "aggregation/tables.hpp"
#include "reporting/checklist/evidence_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace fa::reporting {

using aggregation::Digits;
using aggregation::RunResult;

std::string cosine_text(double value)
{
    return aggregation::readable(value, Digits::cosine);
}
std::string number_text(double value)
{
    return aggregation::readable(value, Digits::significant);
}
std::string percent_text(double value)
{
    return aggregation::readable(value, Digits::percent);
}

std::string mark(const RunResult& run)
{
    const auto word = aggregation::interpretable(run.verdict);
    return word == "yes" ? "" : " (Γ not interpretable: " + word.substr(4, word.size() - 5) + ")";
}

std::vector<std::string> shown(std::vector<Weighed> lines)
{
    constexpr std::size_t most = 5;
    std::ranges::stable_sort(lines, std::greater{}, &Weighed::weight);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) {
        texts.push_back(std::move(lines[i].text));
    }
    if (lines.size() > most) {
        texts.push_back(fmt::format("and {} more", lines.size() - most));
    }
    return texts;
}

Evidence evidence_of(int pitfall, const aggregation::Audit& audit)
{
    switch (pitfall) {
    case 1:
        return minus_one_norms(audit);
    case 2:
        return clamped_cosines(audit);
    case 3:
        return half_precision(audit);
    case 4:
        return reseeding(audit);
    case 5:
        return aggregations(audit);
    default:
        return first_layers(audit);
    }
}

} // namespace fa::reporting
