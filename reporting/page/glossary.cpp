#include "reporting/page/glossary.hpp"

#include "aggregation/join.hpp"
#include "reporting/page/html.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {

std::string Glossary::id_of(const aggregation::Column& column, const std::string& table)
{
    if (column.definition.empty()) {
        return {};
    }
    const auto key = column.name + '\n' + column.title + '\n' + column.definition;
    const auto [place, is_new] = places_.try_emplace(key, entries_.size());
    if (is_new) {
        entries_.push_back({column, {}});
    }
    auto& tables = entries_[place->second].tables;
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
        tables.push_back(table);
    }
    return fmt::format("def-{}", place->second + 1);
}

std::string Glossary::html() const
{
    std::string text = "<dl class=\"glossary\">\n";
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const auto& column = entries_[i].column;
        std::string tables;
        for (const auto& table : entries_[i].tables) {
            aggregation::add_word(tables, ", ", table);
        }
        const auto unit = column.unit.empty() || column.unit == "1" ? "" : " · " + escaped(column.unit);
        text +=
            fmt::format("<div id=\"def-{}\"><dt>{}</dt><dd>{} <span class=\"where\"><code>{}</code> in {}{}"
                        "</span></dd></div>\n",
                        i + 1, escaped(column.title), sentence(column.definition), escaped(column.name),
                        escaped(tables), unit);
    }
    return text + "</dl>\n";
}

} // namespace fa::reporting
