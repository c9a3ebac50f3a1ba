#pragma once
/// Text and tables as HTML.

#include "aggregation/table.hpp"
#include "reporting/page/glossary.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fa::reporting {

/// As text or inside a quoted attribute; control characters and invalid UTF-8 as '?'.
std::string escaped(std::string_view text);
/// The same, what stands between backticks as <code>.
std::string sentence(std::string_view text);
/// A list of sentences; empty for none.
std::string bullets(const std::vector<std::string>& sentences);

/// A column of a table on the page that the table itself doesn't have: what it shows is no number.
struct Picture {
    std::string title;
    std::size_t before;                           ///< the place of the column that it stands before
    std::function<std::string(std::size_t)> cell; ///< HTML, of a row
};

struct TableLook {
    std::string label; ///< what a screen reader calls it: text
    std::function<std::string(const aggregation::Row&)> row = nullptr; ///< attributes of a row
    std::function<std::string(const std::string&)> link = nullptr;     ///< where a row's first word leads
    std::vector<Picture> pictures = {};
};

/// A table that can be sorted by its columns' heads, each with a link to its definition. Cells carry all
/// digits of their numbers. A row whose `interpretable` says no is marked at its front.
std::string table_html(const aggregation::Table& table, Glossary& glossary, const TableLook& look);

} // namespace fa::reporting
