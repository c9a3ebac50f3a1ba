#include "reporting/format.hpp"

#include "aggregation/all_tables.hpp"
#include "aggregation/completeness.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/json_document.hpp"
#include "reporting/latex_document.hpp"
#include "reporting/methods.hpp"
#include "reporting/page/page.hpp"
#include "reporting/provenance.hpp"

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

/// Names may hold what Markdown reads as markup.
std::string in_markdown(const std::string& text)
{
    std::string result;
    for (const char letter : text) {
        if (std::string_view("\\*_`<[]#|").find(letter) != std::string_view::npos) {
            result += '\\';
        }
        result += letter;
    }
    return result;
}

aggregation::ReportSummary summary_when_written(const aggregation::Audit& audit, std::ostream& out)
{
    out.flush();
    if (!out) {
        throw std::runtime_error("the document can't be written: its destination takes no more");
    }
    return aggregation::summary_of(audit);
}

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
        out << aggregation::robustness_page(audit, tables) << "\n## Methods\n\n"
            << in_markdown(methods_paragraph(audit, Provenance(store))) << '\n';
        return;
    case Format::csv:
        out << aggregation::to_csv(aggregation::tidy_table(audit, tables));
        return;
    case Format::json:
        write_json(audit, tables, store, out);
        return;
    case Format::latex:
        write_latex(audit, tables, store, out);
        return;
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
    return summary_when_written(audit, out);
}

aggregation::ReportSummary report_methods(const std::filesystem::path& store,
                                          const aggregation::ReportOptions& options, std::ostream& out)
{
    auto question = aggregation::question_of(options);
    question.cache = aggregation::CacheUse::read_only;
    const auto audit = aggregation::read_audit(store, question);
    out << methods_paragraph(audit, Provenance(store)) << '\n';
    return summary_when_written(audit, out);
}

} // namespace fa::reporting
