#include "reporting/page/page.hpp"

#include "reporting/page/assets.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/parts.hpp"

#include <fmt/format.h>

#include <ostream>

namespace fa::reporting {
namespace {

/// The folder's own name: a page that is sent around needn't say where it lay.
std::string name_of(const std::filesystem::path& store)
{
    const auto absolute = std::filesystem::absolute(store).lexically_normal();
    const auto name = absolute.filename().empty() ? absolute.parent_path().filename() : absolute.filename();
    return name.string();
}

/// Nothing is ever loaded from anywhere, whatever stands in the page.
constexpr const char* policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                               "img-src data:; base-uri 'none'; form-action 'none'";

std::string head(const std::string& title)
{
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n",
        policy, escaped(title), page_css);
}

/// Hidden until the script runs, which alone can make it work.
std::string filter(const aggregation::Audit& audit, const PageContext& page)
{
    std::string groups;
    for (const auto& group : audit.groups) {
        groups += fmt::format("<option value=\"{}\">{}</option>", page.anchor_of_group(group.name),
                              escaped(group.name));
    }
    return "<form id=\"filter\" role=\"search\" hidden>\n"
           "<label>Find <input type=\"search\" id=\"find\" placeholder=\"run, group, verdict …\" "
           "autocomplete=\"off\"></label>\n"
           "<label>group <select id=\"group\"><option value=\"\">all</option>" +
           groups +
           "</select></label>\n<label>verdict <select id=\"state\"><option value=\"\">all</option>"
           "<option value=\"trustworthy\">trustworthy</option><option value=\"walk-back\">to walk "
           "back</option>"
           "<option value=\"uninterpretable\">Γ not interpretable</option><option "
           "value=\"unmeasured\">without measurements</option></select></label>\n"
           "<output id=\"count\" aria-live=\"polite\"></output>\n</form>\n";
}

} // namespace

void write_page(const aggregation::Audit& audit, const std::vector<aggregation::Table>& summary,
                const std::filesystem::path& store, std::ostream& out)
{
    PageContext page(audit, summary, store);
    const auto name = name_of(store);
    out << head("Robustness of Γ: " + name) << "<body>\n<header>\n<p class=\"kicker\">fa-harness · "
        << escaped(name) << "</p>\n<h1>Robustness of Γ</h1>\n"
        << fmt::format("<p class=\"lead\">{} runs in {} groups, by {} aggregation strategies.</p>\n",
                       audit.runs.size(), audit.groups.size(), audit.question.strategies.size())
        << summary_part(page)
        << "</header>\n<nav aria-label=\"parts of the page\"><a href=\"#verdicts\">Verdicts</a> <a "
           "href=\"#overview\">Γ at a glance</a> <a href=\"#runs\">Runs</a> <a href=\"#groups\">Groups</a> "
           "<a "
           "href=\"#comparisons\">Comparisons</a> <a href=\"#definitions\">Definitions</a>\n"
        << filter(audit, page) << "</nav>\n<main>\n"
        << verdicts_part(page) << overview_part(page);
    // The figures' reasons are known once they are drawn: groups before what is said of them.
    const auto groups = groups_part(page);
    out << runs_part(page) << groups << definitions_part(page) << "</main>\n<script>\n"
        << page_script << "</script>\n</body>\n</html>\n";
}

} // namespace fa::reporting
