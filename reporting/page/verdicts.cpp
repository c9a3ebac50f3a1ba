#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fa::reporting {
namespace {

using verdict::State;

const char* state_word(const verdict::Judgement& judgement)
{
    switch (judgement.state) {
    case State::passed:
        return "passed";
    case State::fired:
        return "fired";
    case State::not_run:
        break;
    }
    return "not run";
}

const char* state_class(const verdict::Judgement& judgement)
{
    return judgement.state == State::passed ? "passed" : judgement.state == State::fired ? "fired" : "notrun";
}

/// What each diagnostic fires at, with the thresholds of this report.
std::array<std::string, 4> conditions(const verdict::Thresholds& thresholds)
{
    using aggregation::exact;
    return {"the median ‖h‖ grows by more than " + exact(thresholds.h_norm_explosion_ratio) +
                " in a block: the hidden states explode",
            "the median ‖g_L‖ is below " + exact(thresholds.g_norm_floor) +
                ": the gradient is at the numerical floor",
            "the batches' mean gradients at the middle layer have a mean cosine above " +
                exact(thresholds.stability_drift_ceiling) + ": all batches have one direction",
            "the accuracy is less than " + exact(thresholds.frozen_acc_margin_pp) +
                " points above the frozen-blocks control's: the blocks are hardly of use"};
}

struct Counts {
    std::size_t measured = 0, trustworthy = 0, uninterpretable = 0, failed = 0, missing = 0;
    std::array<std::size_t, 4> fired{}, not_run{}, marginal{};
    std::array<std::string_view, 4> names{"scale", "floor", "drift", "useful blocks"};
};

Counts count(const aggregation::Audit& audit)
{
    Counts counts;
    for (const auto& run : audit.runs) {
        if (!run.result) {
            ++(run.status.state == aggregation::RunState::failed ? counts.failed : counts.missing);
            continue;
        }
        const auto& verdict = run.result->verdict;
        ++counts.measured;
        counts.trustworthy += verdict.trustworthy() ? 1 : 0;
        counts.uninterpretable += verdict.gamma_is_interpretable() ? 0 : 1;
        const auto diagnostics = diagnostics_of(verdict);
        for (std::size_t i = 0; i < diagnostics.size(); ++i) {
            counts.fired[i] += diagnostics[i].judgement->fired() ? 1 : 0;
            counts.not_run[i] += diagnostics[i].judgement->state == State::not_run ? 1 : 0;
            counts.marginal[i] += diagnostics[i].judgement->marginal ? 1 : 0;
        }
    }
    return counts;
}

std::string tile(std::size_t number, const std::string& words, const char* look)
{
    return fmt::format("<div class=\"tile {}\"><b>{}</b> {}</div>\n", look, number, words);
}

/// "3 runs · 1 marginal · 2 not run"
std::string found(const Counts& counts, std::size_t diagnostic)
{
    auto text = counts.fired[diagnostic] == 0 ? std::string("in no run")
                                              : fmt::format("<strong>in {} of {} runs</strong>",
                                                            counts.fired[diagnostic], counts.measured);
    if (counts.marginal[diagnostic] > 0) {
        text += fmt::format(" · {} marginal", counts.marginal[diagnostic]);
    }
    if (counts.not_run[diagnostic] > 0) {
        text += fmt::format(" · not run in {}", counts.not_run[diagnostic]);
    }
    return text;
}

} // namespace

std::string badge(const verdict::Verdict& verdict)
{
    return fmt::format("<span class=\"badge {}\">{}</span>", verdict.trustworthy() ? "good" : "bad",
                       escaped(verdict.text()));
}

std::string diagnostics_chips(const verdict::Verdict& verdict)
{
    std::string text = "<span class=\"chips\">";
    for (const auto& [letter, name, judgement] : diagnostics_of(verdict)) {
        const auto says =
            fmt::format("{} {}{}{}", name, state_word(*judgement), judgement->marginal ? ", marginal" : "",
                        judgement->reason.empty() ? "" : ": " + judgement->reason);
        text += fmt::format("<span class=\"chip {}{}\" title=\"{}\"><span class=\"sr\">{}; </span><span "
                            "aria-hidden=\"true\">{}</span></span>",
                            state_class(*judgement), judgement->marginal ? " marginal" : "", escaped(says),
                            escaped(says), letter);
    }
    return text + "</span>";
}

std::string summary_part(const PageContext& page)
{
    const auto counts = count(page.audit());
    const auto of = [](std::size_t number) { return number == 1 ? "run" : "runs"; };
    std::string text = "<div class=\"tiles\">\n";
    text += tile(counts.trustworthy, fmt::format("{} trustworthy", of(counts.trustworthy)), "good");
    text += tile(counts.measured - counts.trustworthy,
                 fmt::format("{} to walk back", of(counts.measured - counts.trustworthy)), "bad");
    text += tile(counts.uninterpretable,
                 fmt::format("{} whose Γ is not interpretable", of(counts.uninterpretable)), "bad");
    if (counts.failed + counts.missing > 0) {
        text +=
            tile(counts.failed + counts.missing,
                 fmt::format("without measurements ({} failed, {} missing)", counts.failed, counts.missing),
                 "none");
    }
    text += "</div>\n<table class=\"diagnostics\"><thead><tr><th scope=\"col\">diagnostic</th><th "
            "scope=\"col\">fires where</th><th scope=\"col\">fired</th></tr></thead><tbody>\n";
    const auto fires = conditions(page.audit().question.thresholds);
    for (std::size_t i = 0; i < fires.size(); ++i) {
        text += fmt::format("<tr><th scope=\"row\">({}) {}</th><td>{}</td><td>{}</td></tr>\n", "abcd"[i],
                            counts.names[i], escaped(fires[i]), found(counts, i));
    }
    return text +
           "</tbody></table>\n<p class=\"note\">Where (a) or (b) fired, Γ is not interpretable: it doesn't "
           "measure credit assignment, whatever its value. Such rows are marked <span class=\"mark\">✕</span>"
           ".</p>\n";
}

std::string verdicts_part(PageContext& page)
{
    auto table = select(find(page.summary(), "runs"),
                        {"run", "verdict", "group", "seed", "accuracy", "frozen_accuracy", "margin_pp",
                         "growth_max", "g_norm_last", "stability", "status"});
    std::erase_if(table.rows,
                  [](const auto& row) { return row.cells.back() != aggregation::Cell("measured"); });
    table.columns.pop_back();
    for (auto& row : table.rows) {
        row.cells.pop_back();
    }
    const auto name_of = [](const aggregation::Row& row) { return std::get<std::string>(row.cells.front()); };
    TableLook look{.label = "Verdicts"};
    look.row = [&](const aggregation::Row& row) { return "data-run " + page.found_by_run(name_of(row)); };
    look.link = [&](const std::string& name) { return page.anchor_of_run(name); };
    look.pictures = {{"diagnostics", 2, [&](std::size_t row) {
                          return diagnostics_chips(page.run(name_of(table.rows[row])).result->verdict);
                      }}};
    std::string text = "<section id=\"verdicts\"><h2>Verdicts</h2>\n";
    text +=
        "<p class=\"note\">Letters: the four diagnostics; <span class=\"chip fired\">a</span> fired, <span "
        "class=\"chip passed\">a</span> passed, <span class=\"chip notrun\">a</span> could not run, <span "
        "class=\"chip passed marginal\">a</span> so close that other samples could turn the answer.</p>\n";
    text += table_html(table, page.glossary(), look);
    if (const auto unmeasured = unmeasured_table(page.audit()); !unmeasured.rows.empty()) {
        look = {.label = unmeasured.title};
        look.row = [&](const aggregation::Row& row) { return "data-run " + page.found_by_run(name_of(row)); };
        text += "<h3>" + unmeasured.title + "</h3>\n" + table_html(unmeasured, page.glossary(), look);
    }
    return text + "</section>\n";
}

} // namespace fa::reporting
