#include "reporting/page/html.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

using aggregation::Kind;

std::string head_of(const aggregation::Column& column, const aggregation::Table& table, Glossary& glossary)
{
    const auto id = glossary.id_of(column, table.name);
    const auto definition =
        id.empty()
            ? ""
            : fmt::format("<a class=\"def\" href=\"#{}\" title=\"{}\" aria-label=\"definition of {}\">?</a>",
                          id, escaped(column.definition), escaped(column.title));
    return fmt::format(
        "<th scope=\"col\" aria-sort=\"none\"{}><span><button type=\"button\">{}</button>{}</span></th>",
        column.kind == Kind::words ? "" : " class=\"n\"", escaped(column.title), definition);
}

bool says_no(const aggregation::Cell& cell)
{
    const auto* words = std::get_if<std::string>(&cell);
    return words != nullptr && (*words == "no" || words->starts_with("no "));
}

std::string words_cell(const aggregation::Cell& cell, const aggregation::Column& column)
{
    const auto text = escaped(readable(cell, column));
    if (column.name == "verdict" && !aggregation::is_empty(cell)) {
        const bool good = text == "trustworthy";
        return fmt::format("<td><span class=\"badge {}\">{}</span></td>", good ? "good" : "bad", text);
    }
    if (column.name == "interpretable" && says_no(cell)) {
        return "<td><strong class=\"no\">" + text + "</strong></td>";
    }
    const bool is_code = column.name == "strategy" || column.name == "what";
    const bool is_long = column.name == "warning" || column.name == "reason" || column.name == "note";
    return (is_long                       ? "<td class=\"long\">"
            : aggregation::is_empty(cell) ? "<td class=\"na\">"
                                          : "<td>") +
           (is_code ? "<code>" + text + "</code>" : text) + "</td>";
}

std::string cell_html(const aggregation::Cell& cell, const aggregation::Column& column)
{
    if (column.kind == Kind::words) {
        return words_cell(cell, column);
    }
    if (aggregation::is_empty(cell)) {
        return "<td class=\"n na\" data-v=\"\">–</td>";
    }
    const auto* number = std::get_if<double>(&cell);
    const auto exact =
        number != nullptr ? aggregation::exact(*number) : std::to_string(std::get<std::int64_t>(cell));
    return fmt::format("<td class=\"n\" data-v=\"{}\">{}</td>", exact, escaped(readable(cell, column)));
}

/// Where Γ isn't interpretable the row says so where it begins.
constexpr const char* mark = "<span class=\"mark\" title=\"Γ is not interpretable here\"><span "
                             "class=\"sr\">Γ not interpretable: </span>"
                             "<span aria-hidden=\"true\">✕</span></span> ";

class Rows {
  public:
    Rows(const aggregation::Table& table, const TableLook& look) : table_(table), look_(look)
    {
        const auto place = std::find_if(table.columns.begin(), table.columns.end(),
                                        [](const auto& column) { return column.name == "interpretable"; });
        interpretable_ = static_cast<std::size_t>(place - table.columns.begin());
    }

    std::string html(std::size_t place) const
    {
        const auto& row = table_.rows[place];
        const bool bad = interpretable_ < row.cells.size() && says_no(row.cells[interpretable_]);
        std::string text = fmt::format("<tr{}{}>", bad ? " class=\"uninterpretable\"" : "",
                                       look_.row ? " " + look_.row(row) : "");
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            for (const auto& picture : look_.pictures) {
                text += picture.before == i ? "<td class=\"picture\">" + picture.cell(place) + "</td>" : "";
            }
            text += i == 0 ? first(row, bad) : cell_html(row.cells[i], table_.columns[i]);
        }
        return text + "</tr>\n";
    }

  private:
    /// The row's name, as a head of its own.
    std::string first(const aggregation::Row& row, bool bad) const
    {
        const auto& column = table_.columns.front();
        auto text = escaped(readable(row.cells.front(), column));
        if (column.name == "strategy") {
            text = "<code>" + text + "</code>";
        }
        if (const auto* words = std::get_if<std::string>(&row.cells.front());
            words != nullptr && look_.link) {
            if (const auto link = look_.link(*words); !link.empty()) {
                text = fmt::format("<a href=\"#{}\">{}</a>", link, text);
            }
        }
        const auto* count = std::get_if<std::int64_t>(&row.cells.front());
        return fmt::format("<th scope=\"row\"{}>{}{}</th>",
                           count != nullptr ? fmt::format(" data-v=\"{}\"", *count) : "", bad ? mark : "",
                           text);
    }

    const aggregation::Table& table_;
    const TableLook& look_;
    std::size_t interpretable_ = 0;
};

} // namespace

std::string escaped(std::string_view text)
{
    std::string result;
    for (const char letter : aggregation::printable(text)) {
        switch (letter) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        case '\'':
            result += "&#39;";
            break;
        default:
            result += letter;
        }
    }
    return result;
}

std::string sentence(std::string_view text)
{
    const auto safe = escaped(text);
    const bool pairs = std::count(safe.begin(), safe.end(), '`') % 2 == 0;
    std::string result;
    bool open = false;
    for (const char letter : safe) {
        if (letter == '`' && pairs) {
            result += open ? "</code>" : "<code>";
            open = !open;
        } else {
            result += letter;
        }
    }
    return result;
}

std::string bullets(const std::vector<std::string>& sentences)
{
    std::string text;
    for (const auto& one : sentences) {
        text += "<li>" + sentence(one) + "</li>\n";
    }
    return text.empty() ? text : "<ul class=\"sentences\">\n" + text + "</ul>\n";
}

std::string table_html(const aggregation::Table& table, Glossary& glossary, const TableLook& look)
{
    std::string text = fmt::format("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">"
                                   "<table>\n<thead><tr>",
                                   escaped(look.label));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        for (const auto& picture : look.pictures) {
            text += picture.before == i
                        ? "<th scope=\"col\"><span class=\"plain\">" + escaped(picture.title) + "</span></th>"
                        : "";
        }
        text += head_of(table.columns[i], table, glossary);
    }
    text += "</tr></thead>\n<tbody>\n";
    const Rows rows(table, look);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        text += rows.html(i);
    }
    return text + "</tbody></table></div>\n";
}

} // namespace fa::reporting
