#include "aggregation/invariance.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

std::string titled(const char* title, const aggregation::Table& table, PageContext& page,
                   const std::string& group, bool open)
{
    return table.rows.empty()
               ? ""
               : fmt::format(
                     "<details{}><summary>{}</summary>\n{}</details>\n", open ? " open" : "", title,
                     table_html(table, page.glossary(), {.label = std::string(title) + ", " + group}));
}

/// What one aggregation choice changes; nothing where no run has a Γ.
aggregation::Table choices_of(const PageContext& page, const aggregation::Group& group)
{
    auto table = rows_of(find(page.summary(), "choices"), group.name);
    if (std::none_of(group.choices.begin(), group.choices.end(),
                     [](const auto& choice) { return choice.train.n + choice.fresh.n > 0; })) {
        table.rows.clear();
    }
    return select(table, {"dimension", "from", "to", "pairs", "n", "train_effect", "train_std", "train_low",
                          "train_high", "min", "max", "fresh_effect", "fresh_std", "p", "interpretable"});
}

aggregation::Table variance_of(const PageContext& page, const aggregation::Group& group)
{
    return rows_of(find(page.summary(), "variance"), group.name);
}

std::string members(const PageContext& page, const aggregation::Group& group)
{
    std::string text;
    for (const auto& name : group.runs) {
        text += fmt::format("{}<a href=\"#{}\">{}</a>", text.empty() ? "" : ", ", page.anchor_of_run(name),
                            escaped(name));
    }
    return "<p class=\"facts\">Runs: " + text + "</p>\n";
}

std::string story(PageContext& page, std::size_t place)
{
    const auto& group = page.audit().groups[place];
    const bool good = group.not_interpretable == 0;
    auto text =
        fmt::format("<article id=\"{}\" class=\"{}\" {}>\n<h3>{} <small>n = {}</small>{}</h3>\n",
                    page.anchor_of_group(group.name), good ? "" : "uninterpretable",
                    page.found_by_groups({group.name}), escaped(group.name), group.n,
                    good ? ""
                         : fmt::format(" <span class=\"badge bad\">Γ not interpretable in {} of {}</span>",
                                       group.not_interpretable, group.n));
    text += members(page, group) + bullets(invariance(group, page.audit().variances[place])) +
            bullets(group.warnings);
    text += page.figures_of_group(place);
    const auto strategies =
        select(rows_of(find(page.summary(), "groups"), group.name),
               {"strategy", "n", "train_mean", "train_std", "train_low", "train_high", "train_t_low",
                "train_t_high", "fresh_mean", "fresh_std", "fresh_low", "fresh_high", "p", "interpretable"});
    text += titled("By strategy", strategies, page, group.name, true);
    text += titled("By layer, means over the seeds", group_layers_table(group), page, group.name, false);
    text += titled("What one aggregation choice changes, the others fixed", choices_of(page, group), page,
                   group.name, false);
    text += titled("Where the spread comes from", variance_of(page, group), page, group.name, false);
    return text + "</article>\n";
}

std::string comparisons(PageContext& page)
{
    auto table = find(page.summary(), "comparisons");
    const auto& strategies = page.audit().question.strategies;
    std::erase_if(table.rows, [&](const aggregation::Row& row) {
        return strategies.empty() || row.cells[3] != aggregation::Cell(strategies.front().text());
    });
    if (table.rows.empty()) {
        return {};
    }
    TableLook look{.label = "Groups against each other"};
    look.row = [&](const aggregation::Row& row) {
        return page.found_by_groups(
            {std::get<std::string>(row.cells[0]), std::get<std::string>(row.cells[1])});
    };
    look.link = [&](const std::string& name) { return page.anchor_of_group(name); };
    const auto shown =
        select(table, {"group", "other", "gamma", "difference", "std", "low", "high", "t_low", "t_high", "p",
                       "p_smallest", "p_max_layer", "paired", "n", "n_other", "interpretable", "warning"});
    return fmt::format(
               "<section id=\"comparisons\"><h2>Groups against each other</h2>\n<p class=\"note\">Γ by "
               "<code>{}</code>; the other strategies and the layers stand in "
               "<code>comparisons.csv</code>.</p>\n",
               escaped(strategies.front().text())) +
           table_html(shown, page.glossary(), look) + "</section>\n";
}

} // namespace

std::string groups_part(PageContext& page)
{
    std::string stories;
    for (std::size_t group = 0; group < page.audit().groups.size(); ++group) {
        stories += story(page, group);
    }
    return stories.empty()
               ? stories
               : "<section id=\"groups\"><h2>Groups</h2>\n" + stories + "</section>\n" + comparisons(page);
}

} // namespace fa::reporting
