#include "reporting/diff/audit_diff.hpp"

#include "aggregation/columns.hpp"
#include "reporting/diff/significance.hpp"
#include "store/attributes.hpp"
#include "store/error.hpp"
#include "store/hdf5.hpp"
#include "store/layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>

namespace fa::reporting {
namespace {

namespace fs = std::filesystem;

constexpr const char* thresholds[] = {"h_norm_explosion_ratio", "g_norm_floor", "stability_drift_ceiling",
                                      "frozen_acc_margin_pp"};

/// What an audit's own tables were made with, as audit.h5 says; empty without one.
std::map<std::string, double> recorded_thresholds(const fs::path& store)
{
    std::map<std::string, double> found;
    const auto path = store::Layout(store).audit();
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        return found;
    }
    try {
        const store::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path.string());
        const store::AttributeReader root(file.get(), path.string());
        for (const char* name : thresholds) {
            found[name] = root.number(name);
        }
    } catch (const store::StoreError&) {
        found.clear(); // made by fa-report from the runs; nothing else is lost with it
    }
    return found;
}

std::size_t measured(const aggregation::Audit& audit)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(audit.runs, [](const auto& run) { return run.result.has_value(); }));
}

void describe(const fs::path& a_store, const aggregation::Audit& a, const fs::path& b_store,
              const aggregation::Audit& b, AuditDiff& diff)
{
    diff.audits.push_back(
        fmt::format("A {}: {} of {} runs measured", a_store.string(), measured(a), a.runs.size()));
    diff.audits.push_back(
        fmt::format("B {}: {} of {} runs measured", b_store.string(), measured(b), b.runs.size()));
    const auto before = recorded_thresholds(a_store), after = recorded_thresholds(b_store);
    for (const auto& [name, value] : before) {
        if (const auto other = after.find(name); other != after.end() && other->second != value) {
            diff.audits.push_back(
                fmt::format("their tables were made with {} {} → {}; below both are judged alike", name,
                            aggregation::exact(value), aggregation::exact(other->second)));
        }
    }
}

const aggregation::AuditedRun* find(const aggregation::Audit& audit, const std::string& name)
{
    const auto found = std::ranges::find(audit.runs, name, [](const auto& run) { return run.spec.name; });
    return found == audit.runs.end() ? nullptr : &*found;
}

std::string state_of(const aggregation::AuditedRun* run)
{
    if (run == nullptr) {
        return "not in the manifest";
    }
    return run->result ? "measured" : run->status.reason;
}

bool same_verdict(const aggregation::AuditedRun& a, const aggregation::AuditedRun& b)
{
    return a.result->verdict.full_text() == b.result->verdict.full_text();
}

void compare_run(const fs::path& a_store, const aggregation::AuditedRun* a, const fs::path& b_store,
                 const aggregation::AuditedRun* b, const aggregation::Strategy& first, AuditDiff& diff)
{
    const auto& name = (a != nullptr ? a : b)->spec.name;
    const bool in_a = a != nullptr && a->result, in_b = b != nullptr && b->result;
    if (!in_a || !in_b) {
        if (state_of(a) != state_of(b)) {
            diff.states.push_back(fmt::format("{}: {} in A, {} in B", name, state_of(a), state_of(b)));
        }
        return;
    }
    if (is_bit_identical(store::Layout(a_store).run(name), store::Layout(b_store).run(name))) {
        diff.identical.push_back(name);
        if (label_changes(*a, *b).empty() && same_verdict(*a, *b)) {
            return;
        }
    }
    diff.runs.push_back(diff_runs({*a, a_store}, {*b, b_store}, first));
}

void adjust(AuditDiff& diff)
{
    std::vector<double> p;
    for (const auto& run : diff.runs) {
        for (const auto& number : run.numbers) {
            p.push_back(number.p);
        }
    }
    const auto adjusted = holm(p);
    std::size_t next = 0;
    for (auto& run : diff.runs) {
        for (auto& number : run.numbers) {
            number.p_holm = adjusted[next++];
            diff.tests += std::isnan(number.p_holm) ? 0 : 1;
        }
    }
}

std::string readable_p(double p)
{
    return std::isnan(p) ? "–"
           : p < 1e-4    ? "<0.0001"
                         : aggregation::readable(p, aggregation::Digits::significant);
}

aggregation::Table table_of(const RunDiff& run)
{
    using aggregation::words;
    aggregation::Table table{"diff", run.name, {}, {}};
    table.columns = {words("quantity", "number", ""),
                     words("a", "A", ""),
                     words("b", "B", ""),
                     words("change", "B − A", ""),
                     words("p", "p", ""),
                     words("p_holm", "p (Holm)", ""),
                     words("beyond", "more than noise", ""),
                     words("interpretable", "Γ interpretable", ""),
                     words("test", "test", "")};
    for (const auto& number : run.numbers) {
        const auto shown = [&](double value) { return aggregation::readable(value, number.digits); };
        table.add({number.quantity, shown(number.a), shown(number.b), shown(number.b - number.a),
                   readable_p(number.p), readable_p(number.p_holm),
                   std::string(std::isnan(number.p)    ? "–"
                               : number.beyond_noise() ? "yes"
                                                       : "no"),
                   number.quantity.starts_with("Γ") ? run.interpretable : std::string("–"), number.test},
                  number.beyond_noise() ? aggregation::Tone::bad : aggregation::Tone::plain);
    }
    return table;
}

void print(const RunDiff& run, bool identical, bool colour, std::ostream& terminal)
{
    terminal << '\n' << aggregation::printable(run.name) << '\n';
    for (const auto& change : run.changes) {
        terminal << "  " << aggregation::printable(change) << '\n';
    }
    if (!identical) {
        aggregation::to_terminal(table_of(run), colour, terminal);
    }
}

} // namespace

bool AuditDiff::beyond_noise() const
{
    return !states.empty() || std::ranges::any_of(runs, [](const auto& run) { return run.beyond_noise(); });
}

AuditDiff diff_audits(const fs::path& a_store, const aggregation::Audit& a, const fs::path& b_store,
                      const aggregation::Audit& b)
{
    AuditDiff diff;
    describe(a_store, a, b_store, b, diff);
    const auto& first = a.question.strategies.front();
    for (const auto& run : a.runs) {
        compare_run(a_store, &run, b_store, find(b, run.spec.name), first, diff);
    }
    for (const auto& run : b.runs) {
        if (find(a, run.spec.name) == nullptr) {
            compare_run(a_store, nullptr, b_store, &run, first, diff);
        }
    }
    adjust(diff);
    return diff;
}

void print(const AuditDiff& diff, bool colour, std::ostream& terminal)
{
    for (const auto& line : diff.audits) {
        terminal << aggregation::printable(line) << '\n';
    }
    if (!diff.identical.empty()) {
        terminal << fmt::format("Bit-identical measurements: {}: {}\n", diff.identical.size(),
                                fmt::join(diff.identical, ", "));
    }
    if (!diff.states.empty()) {
        terminal << "\nMeasured in one alone:\n";
    }
    for (const auto& line : diff.states) {
        terminal << "  " << aggregation::printable(line) << '\n';
    }
    std::string beyond;
    for (const auto& run : diff.runs) {
        print(run, std::ranges::find(diff.identical, run.name) != diff.identical.end(), colour, terminal);
        if (run.beyond_noise()) {
            beyond += (beyond.empty() ? "" : ", ") + run.name;
        }
    }
    terminal << (beyond.empty() ? "\nNo run's numbers differ by more than noise"
                                : "\nMore than noise: " + aggregation::printable(beyond))
             << fmt::format(" ({} tests together, Holm, level {}).\n", diff.tests, NumberDiff::level);
}

} // namespace fa::reporting
