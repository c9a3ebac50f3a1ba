#include "reporting/latex_document.hpp"

#include "reporting/latex_tables.hpp"
#include "reporting/latex_text.hpp"
#include "reporting/methods.hpp"
#include "reporting/provenance.hpp"

#include <ostream>

namespace fa::reporting {
namespace {

constexpr const char* preface =
    "% Tables and methods of an audit, by fa-report --format latex. Take them into a document by \\input; "
    "its\n"
    "% preamble needs:\n"
    "%   \\usepackage{array,booktabs,longtable,siunitx}\n"
    "% The text is UTF-8, LaTeX's own default since 2018. Tables are as wide as the text of a one-column "
    "page.\n"
    "% A dagger marks a row whose alignment has no meaning, since diagnostic (a) or (b) fired.\n\n";

} // namespace

void write_latex(const aggregation::Audit& audit, const std::vector<aggregation::Table>& tables,
                 const std::filesystem::path& store, std::ostream& out)
{
    out << preface;
    for (const auto& table : latex_tables(audit, tables)) {
        if (!table.table.rows.empty()) {
            out << to_latex(table) << '\n';
        }
    }
    out << "\\begingroup\\emergencystretch=3em\n\\paragraph{Methods.}\n";
    for (const auto& sentence : methods(audit, Provenance(store))) {
        out << latex_prose(sentence) << '\n';
    }
    out << "\\par\\endgroup\n";
}

} // namespace fa::reporting
