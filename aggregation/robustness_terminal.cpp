/// The robustness report on a terminal.
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace fa::aggregation {
namespace {

void heading(const std::string& text, bool colour, std::ostream& terminal)
{
    terminal << (colour ? "\x1b[1m" : "") << printable(text) << (colour ? "\x1b[0m" : "") << '\n';
}

void section(const Table& table, const std::string& title, bool colour, std::ostream& terminal)
{
    if (table.rows.empty()) {
        return;
    }
    heading(title, colour, terminal);
    to_terminal(table, colour, terminal);
    terminal << '\n';
}

/// The first strategy of each group that has more than one run.
Table seeds_table(const Audit& audit, const Table& groups)
{
    auto table =
        select(groups, {"group", "n", "strategy", "train_mean", "train_std", "train_low", "train_high",
                        "train_t_low", "train_t_high", "fresh_mean", "fresh_std", "p", "interpretable"});
    const auto first = audit.question.strategies.empty() ? "" : audit.question.strategies.front().text();
    std::erase_if(table.rows, [&](const Row& row) {
        return row.cells[1] == Cell(std::int64_t{1}) || row.cells[2] != Cell(first);
    });
    return table;
}

/// Failed runs with their reasons; missing ones as long as they are few (completeness() counts them all).
Table unmeasured_in_short(const Audit& audit)
{
    constexpr std::size_t most_rows = 10;
    auto table = unmeasured_table(audit);
    if (table.rows.size() > most_rows) {
        std::erase_if(table.rows, [](const Row& row) { return row.cells[1] == Cell("missing"); });
    }
    return table;
}

void print_warnings(const Audit& audit, std::ostream& terminal)
{
    bool any = false;
    for (const auto& run : audit.runs) {
        for (const auto& warning : warnings(run)) {
            terminal << "warning: " << printable(run.spec.name + ": " + warning) << '\n';
            any = true;
        }
    }
    for (const auto& group : audit.groups) {
        for (const auto& warning : group.n > 1 ? group.warnings : std::vector<std::string>{}) {
            terminal << "warning: " << printable("group " + group.name + ": " + warning) << '\n';
            any = true;
        }
    }
    terminal << (any ? "\n" : "");
}

} // namespace

void print_robustness(const Audit& audit, const std::vector<Table>& summary, bool colour,
                      std::ostream& terminal)
{
    section(verdicts_table(audit), "Verdicts", colour, terminal);
    section(unmeasured_in_short(audit), "Runs without measurements", colour, terminal);
    if (audit.question.strategies.empty()) {
        print_warnings(audit, terminal);
        return;
    }
    const auto& first = audit.question.strategies.front().text();
    section(overview_table(audit),
            fmt::format("Robustness of Γ by {}; min to sign flips over {} strategies", first,
                        audit.question.strategies.size()),
            colour, terminal);
    const auto measured = std::count_if(audit.runs.begin(), audit.runs.end(),
                                        [](const AuditedRun& run) { return run.result.has_value(); });
    if (static_cast<std::size_t>(measured) <= most_runs_in_full) {
        section(select(find(summary, "layers"),
                       {"run", "layer", "h_norm", "g_norm", "stability", "gamma_train", "undefined",
                        "fresh_mean", "fresh_std", "z", "p", "interpretable"}),
                "Per layer (Γ: pooled mean; norms: medians)", colour, terminal);
    }
    section(seeds_table(audit, find(summary, "groups")), "Across seeds (mean ± std, bootstrap 95 %)", colour,
            terminal);
    print_warnings(audit, terminal);
}

} // namespace fa::aggregation
