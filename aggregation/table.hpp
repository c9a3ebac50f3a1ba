#pragma once
/// The one table type behind CSV, Markdown, the terminal and audit.h5.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fa::aggregation {

/// N/A, words, a number (NaN is N/A as well) or a count.
using Cell = std::variant<std::monostate, std::string, double, std::int64_t>;

/// Is there nothing to print?
bool is_empty(const Cell& cell);

/// How a person reads the numbers of a column; CSV and HDF5 always have all digits.
enum class Digits {
    significant, ///< three significant ones: 1.47e-05
    cosine,      ///< four decimals: -0.0012
    fraction,    ///< three decimals
    points,      ///< one decimal with its sign: +2.1
    percent      ///< a share, times 100, one decimal and a % sign
};

enum class Kind { words, number, count };

struct Column {
    std::string name;  ///< of CSV and HDF5: "h_norm"
    std::string title; ///< for readers: "‖h‖"
    Kind kind = Kind::number;
    Digits digits = Digits::significant;
    std::string unit = "1";
    std::string definition; ///< one sentence; may be empty
};

/// What colour a row gets on a terminal.
enum class Tone { plain, good, bad, faint };

struct Row {
    std::vector<Cell> cells;
    Tone tone = Tone::plain;
};

struct Table {
    std::string name;  ///< of the file and group: "runs"
    std::string title; ///< a heading for readers
    std::vector<Column> columns;
    std::vector<Row> rows;

    /// @throws std::logic_error if the number of cells isn't that of the columns
    void add(std::vector<Cell> cells, Tone tone = Tone::plain);
};

/// The columns of these names, in this order.
/// @throws std::logic_error naming a column that isn't there
Table select(const Table& table, const std::vector<std::string>& names);
/// The rows whose first cell is these words, without that column.
Table rows_of(const Table& table, const std::string& first);

/// A cell as people read it; "–" for N/A.
std::string readable(const Cell& cell, const Column& column);
std::string readable(double value, Digits digits);
/// A number with all its digits: the shortest text that reads back as the same double; empty for NaN.
std::string exact(double value);

/// RFC 4180: a header line, quotes where they are needed, empty where N/A, lines end with a line feed.
std::string to_csv(const Table& table);
/// A GitHub-style table; numbers are right-aligned.
std::string to_markdown(const Table& table);
/// Aligned by what the characters take on a terminal.
void to_terminal(const Table& table, bool colour, std::ostream& terminal);

/// Columns of a terminal that a UTF-8 text takes. Combining marks take none, East Asian wide characters two;
/// control characters and invalid bytes count as the one '?' that to_terminal prints for them.
std::size_t display_width(std::string_view text);
/// The text without control characters and invalid UTF-8, which could drive a terminal: '?' instead.
std::string printable(std::string_view text);

} // namespace fa::aggregation
