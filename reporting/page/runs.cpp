#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/parts.hpp"

#include <fmt/format.h>

namespace fa::reporting {
namespace {

std::string details(const std::string& title, const std::string& content, bool open)
{
    return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", open ? " open" : "", title,
                       content);
}

std::string facts(const aggregation::AuditedRun& run)
{
    const auto& measured = run.result->attributes;
    std::string text = "group " + run.group;
    if (run.spec.seed) {
        text += fmt::format(" · seed {}", *run.spec.seed);
    }
    text += fmt::format(" · {} · credit {} · {} × {} samples", measured.architecture, measured.credit,
                        measured.batches, measured.batch_size);
    if (measured.draws > 0) {
        text += fmt::format(" · {} draws, {}", measured.draws, measured.feedback_distribution);
    }
    if (!measured.feedback_verified.empty()) {
        text += " · training feedback " + measured.feedback_verified;
    }
    return "<p class=\"facts\">" + escaped(text) + "</p>\n";
}

std::string diagnostics(const verdict::Verdict& verdict)
{
    std::string text;
    for (const auto& [letter, name, judgement] : diagnostics_of(verdict)) {
        if (!judgement->reason.empty()) {
            text += fmt::format("<li><b>({}) {}</b>{}: {}</li>\n", letter, name,
                                judgement->fired() ? " fired" : "", escaped(judgement->reason));
        }
    }
    return text.empty() ? text : "<ul class=\"reasons\">\n" + text + "</ul>\n";
}

std::string tables(PageContext& page, const aggregation::AuditedRun& run)
{
    const auto& name = run.spec.name;
    const auto table = [&](const char* which) {
        return table_html(rows_of(find(page.summary(), which), name), page.glossary(),
                          {.label = std::string(which) + " of " + name});
    };
    auto text = details("By layer", table("layers"), true);
    if (run.result->attributes.draws > 0 || run.result->has_train) {
        text +=
            details("By strategy, and the spread over them", table("strategies") + table("spread"), false);
        text += details("Joint test of the specification curve", table("specification_test"), false);
    }
    return text +
           details("What the pitfalls would have printed",
                   table_html(pitfalls_table(*run.result), page.glossary(), {.label = "pitfalls of " + name}),
                   false);
}

std::string story(PageContext& page, const aggregation::AuditedRun& run)
{
    const auto& verdict = run.result->verdict;
    auto text = fmt::format(
        "<article id=\"{}\" class=\"{}\" {}>\n<h3>{} {} {}</h3>\n", page.anchor_of_run(run.spec.name),
        verdict.gamma_is_interpretable() ? "" : "uninterpretable", page.found_by_run(run.spec.name),
        escaped(run.spec.name), badge(verdict), diagnostics_chips(verdict));
    text += facts(run);
    if (!run.spec.note.empty()) {
        text += "<p class=\"facts\">Note: " + escaped(run.spec.note) + "</p>\n";
    }
    text += bullets(statements(run)) + diagnostics(verdict) + page.figures_of_run(run);
    if (page.has_tables(run)) {
        text += tables(page, run);
    }
    return text + "</article>\n";
}

} // namespace

std::string runs_part(PageContext& page)
{
    std::string stories;
    for (const auto& run : page.audit().runs) {
        stories += run.result ? story(page, run) : "";
    }
    return stories.empty()
               ? stories
               : "<section id=\"runs\"><h2>Runs</h2>\n" + bullets(page.left_out()) + stories + "</section>\n";
}

} // namespace fa::reporting
