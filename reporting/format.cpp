#include "reporting/format.hpp"

#include "aggregation/all_tables.hpp"
#include "aggregation/completeness.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/page/page.hpp"

#include <fmt/format.h>

#include <array>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace fa::reporting {
namespace {

constexpr std::array<std::pair<std::string_view, Format>, 6> formats{{{"terminal", Format::terminal},
                                                                      {"markdown", Format::markdown},
                                                                      {"csv", Format::csv},
                                                                      {"json", Format::json},
                                                                      {"latex", Format::latex},
                                                                      {"html", Format::html}}};

} // namespace

Format format_from(std::string_view word)
{
    for (const auto& [name, format] : formats) {
        if (name == word) {
            return format;
        }
    }
    throw std::invalid_argument(
        fmt::format("--format {}: terminal, markdown, csv, json, latex or html is needed", word));
}

void write_document(Format format, const aggregation::Audit& audit,
                    const std::vector<aggregation::Table>& tables, const std::filesystem::path& store,
                    bool colour, std::ostream& out)
{
    switch (format) {
    case Format::terminal:
        aggregation::print_robustness(audit, tables, colour, out);
        out << aggregation::completeness(audit);
        return;
    case Format::markdown:
        out << aggregation::robustness_page(audit, tables);
        return;
    case Format::csv:
        out << aggregation::to_csv(aggregation::tidy_table(audit, tables));
        return;
    case Format::json:
    case Format::latex:
        throw std::invalid_argument("--format: JSON and LaTeX are not in this version yet");
    case Format::html:
        write_page(audit, tables, store, out);
        return;
    }
}

aggregation::ReportSummary report_as(Format format, const std::filesystem::path& store,
                                     const aggregation::ReportOptions& options, std::ostream& out)
{
    auto question = aggregation::question_of(options);
    question.cache = aggregation::CacheUse::read_only;
    const auto audit = aggregation::read_audit(store, question);
    write_document(format, audit, aggregation::summary_tables(audit), store, options.colour, out);
    out.flush();
    if (!out) {
        throw std::runtime_error("the document can't be written: its destination takes no more");
    }
    return aggregation::summary_of(audit);
}

} // namespace fa::reporting
