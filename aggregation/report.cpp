#include "aggregation/report.hpp"

#include "aggregation/all_tables.hpp"
#include "aggregation/audit_file.hpp"
#include "aggregation/completeness.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "aggregation/variance_cache.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"

#include <ostream>
#include <system_error>

namespace fa::aggregation {
namespace {

void make_folder(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw store::StoreError(folder.string() + ": the folder can't be made: " + error.message());
    }
}

void write_tables(const std::filesystem::path& folder, const Audit& audit, const std::vector<Table>& summary)
{
    make_folder(folder);
    for (const auto& table : summary) {
        store::write_whole_file(folder / (table.name + ".csv"), to_csv(table));
        store::write_whole_file(folder / (table.name + ".md"),
                                "# " + table.title + "\n\n" + to_markdown(table));
    }
    store::write_whole_file(folder / "tidy.csv", to_csv(tidy_table(audit, summary)));
    store::write_whole_file(folder / "robustness.md", robustness_page(audit, summary));
}

std::vector<std::vector<std::string>> cached_groups(const Audit& audit)
{
    std::vector<std::vector<std::string>> digests;
    for (const auto& variance : audit.variances) {
        digests.push_back(variance.fresh_digests);
    }
    return digests;
}

} // namespace

void count(RunState state, ReportSummary& summary)
{
    switch (state) {
    case RunState::measured:
        ++summary.measured;
        break;
    case RunState::failed:
        ++summary.failed;
        break;
    case RunState::missing:
        ++summary.missing;
        break;
    }
}

ReportSummary summary_of(const Audit& audit)
{
    ReportSummary summary;
    for (const auto& run : audit.runs) {
        count(run.status.state, summary);
        if (run.result) {
            summary.fired.push_back(run.result->verdict.letters());
        }
    }
    return summary;
}

AuditQuestion question_of(const ReportOptions& options)
{
    return {options.thresholds, options.strategies, options.replicates, options.checksums};
}

ReportSummary report(const std::filesystem::path& store, const ReportOptions& options, std::ostream& terminal)
{
    const store::Layout layout(store);
    const auto audit = read_audit(store, question_of(options));
    const auto summary = summary_tables(audit);
    const bool elsewhere = !options.tables.empty();
    const auto folder = elsewhere ? options.tables : layout.tables();
    write_tables(folder, audit, summary);
    if (!elsewhere) {
        write_audit_file(store, audit, summary);
        layout.remove_leftovers();
        keep_totals_of(store, cached_groups(audit));
    }
    print_robustness(audit, summary, options.colour, terminal);
    terminal << completeness(audit);
    terminal << "Tables: " << folder.string() << " (robustness.md to read, *.csv to compute with)\n";
    return summary_of(audit);
}

} // namespace fa::aggregation
