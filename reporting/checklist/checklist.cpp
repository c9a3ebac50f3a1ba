#include "reporting/checklist/checklist.hpp"

#include "aggregation/table.hpp"
#include "reporting/checklist/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <stdexcept>

namespace fa::reporting {
namespace {

constexpr std::array<const char*, 6> titles{
    ".norm(-1) is not the L2 norm along dim=-1", "F.cosine_similarity clamps small vectors (eps=1e-8)",
    "half precision loses small gradients",      "Γ belongs to the feedback matrices it is measured with",
    "the aggregation decides the number",        "layer 0 may carry it all",
};

/// The first four can be seen in code.
constexpr int last_in_source = 4;

bool was_seen_whole(const std::optional<SourceScan>& source)
{
    return source && source->files > 0 && source->passed_over.empty();
}

std::string seen(const std::optional<SourceScan>& source)
{
    if (!source) {
        return "The code was not looked at (--source DIR).";
    }
    if (source->files == 0) {
        return "There is no Python in the source given.";
    }
    return fmt::format("Nothing in {} file{} of the source{}.", source->files, source->files == 1 ? "" : "s",
                       source->passed_over.empty() ? "" : ", but not all of it was looked at");
}

/// 1 to 3 are bugs of code: the store says only whether they would matter here.
void answer_by_code(ChecklistItem& item, Bite bite, const std::optional<SourceScan>& source)
{
    if (!item.findings.empty()) {
        item.answer = Answer::finding;
        item.why = fmt::format("{} in the source.", item.findings.size());
    } else if (was_seen_whole(source)) {
        item.answer = Answer::ok;
        item.why = seen(source);
    } else {
        item.answer = bite == Bite::no ? Answer::ok : Answer::unknown;
        item.why = seen(source);
    }
}

void answer_by_store(ChecklistItem& item, Bite bite)
{
    item.answer = bite == Bite::yes || !item.findings.empty() ? Answer::finding
                  : bite == Bite::no                          ? Answer::ok
                                                              : Answer::unknown;
    if (!item.findings.empty()) {
        item.why = fmt::format("{} in the source.", item.findings.size());
    }
}

ChecklistItem item_of(int pitfall, const aggregation::Audit& audit, const std::optional<SourceScan>& source)
{
    ChecklistItem item{pitfall, titles[static_cast<std::size_t>(pitfall - 1)], Answer::unknown, {}, {}, {}};
    for (const auto& finding : source ? source->findings : std::vector<Finding>{}) {
        if (finding.pitfall == pitfall) {
            item.findings.push_back(finding);
        }
    }
    auto evidence = evidence_of(pitfall, audit);
    if (pitfall < last_in_source) {
        answer_by_code(item, evidence.bite, source);
    } else {
        answer_by_store(item, evidence.bite);
    }
    item.evidence = std::move(evidence.lines);
    item.evidence.insert(item.evidence.begin(), evidence.summary.empty()
                                                    ? "The store has no numbers that would tell."
                                                    : evidence.summary);
    return item;
}

const char* word(Answer answer)
{
    return answer == Answer::ok ? "ok" : answer == Answer::finding ? "finding" : "can't be told";
}

void print(const ChecklistItem& item, std::ostream& terminal)
{
    terminal << fmt::format("\n{}. {}: {}\n", item.pitfall, item.title, word(item.answer));
    if (!item.why.empty()) {
        terminal << "   " << item.why << '\n';
    }
    constexpr std::size_t most = 200;
    for (std::size_t i = 0; i < std::min(most, item.findings.size()); ++i) {
        const auto& finding = item.findings[i];
        terminal << "   "
                 << aggregation::printable(
                        fmt::format("{}:{}: {}", finding.where, finding.line, finding.text))
                 << '\n';
    }
    if (item.findings.size() > most) {
        terminal << fmt::format("   and {} more\n", item.findings.size() - most);
    }
    for (std::size_t i = 0; i < item.evidence.size(); ++i) {
        terminal << (i == 0 ? "   " : "     ") << aggregation::printable(item.evidence[i]) << '\n';
    }
}

} // namespace

std::vector<int> pitfalls_from(const std::string& text)
{
    std::vector<int> pitfalls;
    for (std::size_t i = 0; i <= text.size(); i += 2) {
        const bool digit = i < text.size() && text[i] >= '1' && text[i] <= '6';
        if (!digit || (i + 1 < text.size() && text[i + 1] != ',')) {
            throw std::invalid_argument("--pitfalls " + text +
                                        ": numbers 1 to 6 between commas are needed, e.g. 1,2,3,4");
        }
        pitfalls.push_back(text[i] - '0');
        if (i + 1 == text.size()) {
            break;
        }
    }
    std::ranges::sort(pitfalls);
    pitfalls.erase(std::ranges::unique(pitfalls).begin(), pitfalls.end());
    return pitfalls;
}

Checklist make_checklist(const aggregation::Audit& audit, const std::vector<int>& pitfalls,
                         std::optional<SourceScan> source)
{
    Checklist checklist;
    checklist.runs = audit.runs.size();
    checklist.measured = static_cast<std::size_t>(
        std::ranges::count_if(audit.runs, [](const auto& run) { return run.result.has_value(); }));
    for (const int pitfall : pitfalls) {
        checklist.items.push_back(item_of(pitfall, audit, source));
    }
    checklist.source = std::move(source);
    return checklist;
}

void print(const Checklist& checklist, std::ostream& terminal)
{
    terminal << fmt::format("Checklist: {} of {} runs measured", checklist.measured, checklist.runs);
    if (checklist.source) {
        terminal << fmt::format(", {} files of Python looked through", checklist.source->files);
    }
    terminal << '\n';
    for (const auto& item : checklist.items) {
        print(item, terminal);
    }
    if (checklist.source && !checklist.source->passed_over.empty()) {
        terminal << "\nNot looked through:\n";
        for (const auto& line : checklist.source->passed_over) {
            terminal << "   " << aggregation::printable(line) << '\n';
        }
    }
    std::string found;
    for (const auto& item : checklist.items) {
        if (item.answer == Answer::finding) {
            found += fmt::format("{}{}", found.empty() ? "" : ", ", item.pitfall);
        }
    }
    terminal << (found.empty() ? "\nNo findings.\n" : "\nFindings: " + found + ".\n");
}

int exit_code(const Checklist& checklist)
{
    return std::ranges::any_of(checklist.items,
                               [](const auto& item) { return item.answer == Answer::finding; })
               ? 5
               : 0;
}

} // namespace fa::reporting
