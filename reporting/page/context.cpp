#include "reporting/page/context.hpp"

#include "aggregation/tables.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/inline_svg.hpp"
#include "reporting/page/page.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

/// Of the measured runs the first of each group, then the manifest's order, up to `most`.
std::set<std::string> first_runs(const aggregation::Audit& audit, std::size_t most)
{
    std::set<std::string> chosen, groups;
    const auto choose = [&](bool by_group) {
        for (const auto& run : audit.runs) {
            const bool wanted = run.result && (!by_group || groups.insert(run.group).second);
            if (wanted && chosen.size() < most) {
                chosen.insert(run.spec.name);
            }
        }
    };
    choose(true);
    choose(false);
    return chosen;
}

std::size_t measured_runs(const aggregation::Audit& audit)
{
    return static_cast<std::size_t>(std::count_if(audit.runs.begin(), audit.runs.end(),
                                                  [](const auto& run) { return run.result.has_value(); }));
}

std::string attributes(const std::string& words, const std::string& groups, const std::string& states)
{
    return fmt::format("data-find=\"{}\" data-groups=\" {} \" data-states=\" {} \"", escaped(words), groups,
                       states);
}

} // namespace

std::string state_words(const aggregation::AuditedRun& run)
{
    if (!run.result) {
        return "unmeasured";
    }
    const auto& verdict = run.result->verdict;
    return std::string(verdict.trustworthy() ? "trustworthy" : "walk-back") +
           (verdict.gamma_is_interpretable() ? "" : " uninterpretable");
}

PageContext::PageContext(const aggregation::Audit& audit, const std::vector<aggregation::Table>& summary,
                         std::filesystem::path store)
    : audit_(audit), summary_(summary), store_(std::move(store)),
      with_figures_(first_runs(audit, most_runs_with_figures)),
      with_tables_(first_runs(audit, most_runs_with_tables))
{
    for (std::size_t i = 0; i < audit.runs.size(); ++i) {
        runs_.emplace(audit.runs[i].spec.name, i);
    }
    for (std::size_t i = 0; i < audit.groups.size(); ++i) {
        groups_.emplace(audit.groups[i].name, i);
    }
}

const aggregation::AuditedRun& PageContext::run(const std::string& name) const
{
    return audit_.runs[runs_.at(name)];
}

std::string PageContext::anchor_of_run(const std::string& name) const
{
    const auto place = runs_.find(name);
    return place == runs_.end() || !audit_.runs[place->second].result
               ? ""
               : fmt::format("run-{}", place->second + 1);
}

std::string PageContext::anchor_of_group(const std::string& name) const
{
    const auto place = groups_.find(name);
    return place == groups_.end() ? "" : fmt::format("group-{}", place->second + 1);
}

std::string PageContext::found_by_run(const std::string& name) const
{
    const auto& one = run(name);
    const auto verdict = one.result ? one.result->verdict.full_text() : one.status.reason;
    return attributes(name + " " + one.group + " " + one.spec.method + " " + verdict,
                      anchor_of_group(one.group), state_words(one));
}

std::string PageContext::found_by_groups(const std::vector<std::string>& names) const
{
    std::string words, groups, states;
    for (const auto& name : names) {
        words += name + " ";
        groups += anchor_of_group(name) + " ";
        const auto place = groups_.find(name);
        if (place == groups_.end()) {
            continue;
        }
        for (const auto& member : audit_.groups[place->second].runs) {
            const auto& one = run(member);
            words += member + " " + one.result->verdict.text() + " ";
            states += state_words(one) + " ";
        }
    }
    return attributes(words, groups, states);
}

std::string PageContext::drawn(const std::vector<Figure>& figures)
{
    std::string text;
    for (const auto& figure : figures) {
        if (!why_not_.empty()) {
            return {};
        }
        try {
            const auto picture = draw(figure, FigureFormat::page);
            text += fmt::format(
                "<figure class=\"{0}\"><div class=\"scroll\" role=\"region\" "
                "tabindex=\"0\" aria-label=\"figure: {0}\">{1}</div><figcaption>{2}</figcaption></figure>\n",
                figure.kind,
                inline_svg(picture, fmt::format("f{}-", ++drawn_), figure.kind + " of " + figure.subject),
                escaped(figure.caption));
        } catch (const GnuplotError& error) {
            why_not_ = error.what();
        }
    }
    return text.empty() ? text : "<div class=\"figures\">\n" + text + "</div>\n";
}

std::string PageContext::figures_of_run(const aggregation::AuditedRun& run)
{
    if (!with_figures_.contains(run.spec.name) || !why_not_.empty()) {
        return {};
    }
    return drawn(
        fa::reporting::figures_of(audit_, run, aggregation::find(summary_, "specification"), store_));
}

std::string PageContext::figures_of_group(std::size_t group)
{
    return group < most_groups_with_figures ? drawn(fa::reporting::figures_of_group(audit_, group)) : "";
}

std::vector<std::string> PageContext::left_out() const
{
    std::vector<std::string> sentences;
    const auto measured = measured_runs(audit_);
    if (!why_not_.empty()) {
        sentences.push_back("There are no figures on this page: " + why_not_ + ".");
    } else if (with_figures_.size() < measured || audit_.groups.size() > most_groups_with_figures) {
        sentences.push_back(
            fmt::format("Figures are drawn for {} of {} runs, the first of each group and then in the "
                        "manifest's order, and "
                        "for up to {} groups: `fa-report DIR --figures FOLDER` draws them all.",
                        with_figures_.size(), measured, most_groups_with_figures));
    }
    if (with_tables_.size() < measured) {
        sentences.push_back(
            fmt::format("Tables by layer and strategy stand here for {} of {} runs, chosen in the same "
                        "way; all of them are in DIR/tables.",
                        with_tables_.size(), measured));
    }
    return sentences;
}

} // namespace fa::reporting
