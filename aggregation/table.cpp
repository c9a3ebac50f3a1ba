#include "aggregation/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace fa::aggregation {
namespace {

/// "-0.0000" says nothing that "0.0000" doesn't.
std::string without_negative_zero(std::string text)
{
    const bool negative_zero = text.starts_with('-') && text.find_first_of("123456789") == std::string::npos;
    return negative_zero ? text.substr(1) : text;
}

std::string escaped_for_markdown(const std::string& text)
{
    std::string result;
    for (const char letter : text) {
        if (letter == '|' || letter == '\\' || letter == '<') {
            result += '\\';
        }
        result += letter == '\n' || letter == '\r' ? ' ' : letter;
    }
    return result;
}

std::string quoted_for_csv(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string result = "\"";
    for (const char letter : text) {
        result += letter;
        if (letter == '"') {
            result += '"';
        }
    }
    return result + "\"";
}

std::string csv_of(const Cell& cell)
{
    if (is_empty(cell)) {
        return {};
    }
    if (const auto* words = std::get_if<std::string>(&cell)) {
        return quoted_for_csv(*words);
    }
    if (const auto* count = std::get_if<std::int64_t>(&cell)) {
        return std::to_string(*count);
    }
    return exact(std::get<double>(cell));
}

} // namespace

bool is_empty(const Cell& cell)
{
    if (const auto* number = std::get_if<double>(&cell)) {
        return std::isnan(*number);
    }
    if (const auto* words = std::get_if<std::string>(&cell)) {
        return words->empty();
    }
    return std::holds_alternative<std::monostate>(cell);
}

void Table::add(std::vector<Cell> cells, Tone tone)
{
    if (cells.size() != columns.size()) {
        throw std::logic_error(fmt::format("table '{}' has {} columns, a row with {} cells doesn't fit", name,
                                           columns.size(), cells.size()));
    }
    rows.push_back({std::move(cells), tone});
}

Table select(const Table& table, const std::vector<std::string>& names)
{
    Table result{table.name, table.title, {}, {}};
    result.rows.resize(table.rows.size());
    for (const auto& name : names) {
        const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                         [&](const Column& candidate) { return candidate.name == name; });
        if (column == table.columns.end()) {
            throw std::logic_error(fmt::format("table '{}' has no column '{}'", table.name, name));
        }
        result.columns.push_back(*column);
        const auto place = static_cast<std::size_t>(column - table.columns.begin());
        for (std::size_t row = 0; row < table.rows.size(); ++row) {
            result.rows[row].cells.push_back(table.rows[row].cells[place]);
            result.rows[row].tone = table.rows[row].tone;
        }
    }
    return result;
}

Table rows_of(const Table& table, const std::string& first)
{
    Table result{table.name, table.title, {table.columns.begin() + 1, table.columns.end()}, {}};
    for (const auto& row : table.rows) {
        if (row.cells.front() == Cell(first)) {
            result.rows.push_back({{row.cells.begin() + 1, row.cells.end()}, row.tone});
        }
    }
    return result;
}

std::string exact(double value)
{
    if (std::isnan(value)) {
        return {};
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

std::string readable(double value, Digits digits)
{
    if (std::isnan(value)) {
        return "–";
    }
    switch (digits) {
    case Digits::cosine:
        return without_negative_zero(fmt::format("{:.4f}", value));
    case Digits::fraction:
        return without_negative_zero(fmt::format("{:.3f}", value));
    case Digits::points:
        return fmt::format("{:+.1f}", value);
    case Digits::percent:
        return fmt::format("{:.1f} %", 100 * value);
    case Digits::significant:
        break;
    }
    return fmt::format("{:.3g}", value);
}

std::string readable(const Cell& cell, const Column& column)
{
    if (is_empty(cell)) {
        return "–";
    }
    if (const auto* words = std::get_if<std::string>(&cell)) {
        return *words;
    }
    if (const auto* count = std::get_if<std::int64_t>(&cell)) {
        return std::to_string(*count);
    }
    return readable(std::get<double>(cell), column.digits);
}

std::string to_csv(const Table& table)
{
    std::string text;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        text.append(i == 0 ? "" : ",").append(quoted_for_csv(table.columns[i].name));
    }
    text += '\n';
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            text.append(i == 0 ? "" : ",").append(csv_of(row.cells[i]));
        }
        text += '\n';
    }
    return text;
}

std::string to_markdown(const Table& table)
{
    std::string header = "|";
    std::string rule = "|";
    for (const auto& column : table.columns) {
        header.append(" ").append(escaped_for_markdown(column.title)).append(" |");
        rule += column.kind == Kind::words ? " --- |" : " ---: |";
    }
    std::string text = header + "\n" + rule + "\n";
    for (const auto& row : table.rows) {
        text += "|";
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            text.append(" ")
                .append(escaped_for_markdown(readable(row.cells[i], table.columns[i])))
                .append(" |");
        }
        text += '\n';
    }
    return text;
}

} // namespace fa::aggregation
