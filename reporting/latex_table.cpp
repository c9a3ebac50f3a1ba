#include "reporting/latex_table.hpp"

#include "reporting/latex_number.hpp"
#include "reporting/latex_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace fa::reporting {
namespace {

using aggregation::Kind;

/// Rows that fit a page below a caption.
constexpr std::size_t most_rows_of_a_float = 42;
/// \textwidth of article in 10pt, which the broken words' width starts from, and what a digit takes in
/// \scriptsize, in pt.
constexpr double line_width = 345.0;
constexpr double digit_width = 4.05;
constexpr double letter_width = 3.9;
constexpr double gap = 5.0; ///< between columns: 2 \tabcolsep
/// Letters of a name that is still set on one line.
constexpr std::size_t longest_name = 24;

/// Headers that read better in mathematics or on two lines.
const std::map<std::string, std::string> headers{{"accuracy", "acc."},
                                                 {"stability", "stab."},
                                                 {"max growth", "max\\\\growth"},
                                                 {"‖g_L‖", "$\\|g_L\\|$"},
                                                 {"‖h‖", "$\\|h\\|$"},
                                                 {"‖g‖", "$\\|g\\|$"},
                                                 {"Γ_train", "$\\Gamma_{\\mathrm{train}}$"},
                                                 {"Γ_fresh", "$\\Gamma_{\\mathrm{fresh}}$"},
                                                 {"± std", "$\\pm$ std"},
                                                 {"p", "$p$"},
                                                 {"z", "$z$"},
                                                 {"n", "$n$"},
                                                 {"p (max layer)", "$p$ (max\\\\layer)"},
                                                 {"smallest p", "small-\\\\est $p$"},
                                                 {"sign flips", "sign\\\\flips"},
                                                 {"layer 0", "layer 0\\\\(\\%)"},
                                                 {"share", "share\\\\(\\%)"},
                                                 {"one sign", "one sign\\\\(\\%)"},
                                                 {"beyond range", "beyond\\\\(\\%)"},
                                                 {"median Γ_train", "median"},
                                                 {"blocks only", "blocks\\\\only"},
                                                 {"strategies", "strate-\\\\gies"},
                                                 {"difference", "differ-\\\\ence"},
                                                 {"Γ interpretable", "$\\Gamma$ inter-\\\\pretable"},
                                                 {"by t 2.5 %", "by $t$\\\\2.5 \\%"},
                                                 {"by t 97.5 %", "by $t$\\\\97.5 \\%"}};

std::string header_of(const aggregation::Column& column)
{
    const auto known = headers.find(column.title);
    const auto text = known != headers.end() ? known->second : latex(column.title);
    return text.find("\\\\") == std::string::npos ? text : "\\shortstack{" + text + "}";
}

/// In letters: of a title on two lines the longer one, roughly.
double header_width(const aggregation::Column& column)
{
    const auto letters = static_cast<double>(aggregation::display_width(column.title));
    const auto known = headers.find(column.title);
    if (known != headers.end() && known->second.ends_with('.')) {
        return static_cast<double>(known->second.size()); // an abbreviation
    }
    const bool two_lines = known != headers.end() && known->second.find("\\\\") != std::string::npos;
    return two_lines ? std::ceil(letters * 0.62) : letters;
}

/// One column as it will stand: its cells in LaTeX, its preamble, and its width in pt.
struct Set {
    std::vector<std::string> cells;
    std::vector<std::string> breakable; ///< the same for a column that is broken into lines
    std::string preamble;
    double width = 0;
    bool words = false;
};

std::string not_a_number(const aggregation::Cell& cell)
{
    const auto* number = std::get_if<double>(&cell);
    return number != nullptr && std::isinf(*number) ? (*number > 0 ? "{$\\infty$}" : "{$-\\infty$}") : "{--}";
}

/// What a column's numbers need; all of them are scientific where the column would be very wide without.
Notation notation_of(const aggregation::Table& table, std::size_t i)
{
    NumberFormat format;
    for (const auto& row : table.rows) {
        if (const auto number = siunitx_number(row.cells[i], table.columns[i], Notation::shortest)) {
            format.include(*number);
        }
    }
    return format.is_mixed() ? Notation::scientific : Notation::shortest;
}

Set set_numbers(const aggregation::Table& table, std::size_t i)
{
    Set column;
    NumberFormat format;
    const auto notation = notation_of(table, i);
    for (const auto& row : table.rows) {
        if (const auto number = siunitx_number(row.cells[i], table.columns[i], notation)) {
            format.include(*number);
            column.cells.push_back(*number);
        } else {
            column.cells.push_back(not_a_number(row.cells[i]));
        }
    }
    column.preamble = fmt::format("S[table-format={}]", format.text());
    column.width =
        std::max(digit_width * format.width(), letter_width * header_width(table.columns[i])) + gap;
    return column;
}

Set set_words(const aggregation::Table& table, std::size_t i)
{
    Set column;
    column.words = true;
    auto letters = header_width(table.columns[i]);
    for (const auto& row : table.rows) {
        const auto text = aggregation::readable(row.cells[i], table.columns[i]);
        letters = std::max(letters, static_cast<double>(aggregation::display_width(text)));
        column.cells.push_back(latex(text));
        column.breakable.push_back(breakable_latex(text));
    }
    column.preamble = "l";
    column.width = letter_width * letters + gap;
    return column;
}

/// Broken lines, ragged, in a column as wide as `width` says.
void break_lines(Set& column, const std::string& width)
{
    column.cells = column.breakable;
    column.preamble = fmt::format(">{{\\raggedright\\arraybackslash\\hspace{{0pt}}}}p{{{}}}", width);
}

double width_of(const std::vector<Set>& columns)
{
    double all = 0;
    for (const auto& column : columns) {
        all += column.width;
    }
    return all;
}

/// Where a line can't hold them, long names get a narrower column; then the widest words take what is left.
void fit(std::vector<Set>& columns)
{
    const double name_width = letter_width * longest_name;
    auto& names = columns.front();
    if (width_of(columns) > line_width && names.width > name_width + gap) {
        break_lines(names, fmt::format("{:.0f}pt", name_width));
        names.width = name_width + gap;
    }
    const double all = width_of(columns);
    auto widest = std::max_element(columns.begin(), columns.end(), [](const Set& a, const Set& b) {
        return (a.words ? a.width : 0) < (b.words ? b.width : 0);
    });
    if (all > line_width && widest->words) {
        const double others = all - widest->width + gap;
        break_lines(*widest, others < line_width - 40
                                 ? fmt::format("\\dimexpr\\linewidth-{:.0f}pt\\relax", others)
                                 : "40pt");
    }
}

std::string line_of(const std::vector<Set>& columns, std::size_t row, const std::string& mark)
{
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        line += (i == 0 ? "" : " & ") + columns[i].cells[row] + (i == 0 ? mark : "");
    }
    return line + " \\\\\n";
}

/// Writes one table.
class Writing {
  public:
    explicit Writing(const LatexTable& of) : of_(of)
    {
        for (std::size_t i = of.headings; i < of.table.columns.size(); ++i) {
            const bool words = of.table.columns[i].kind == Kind::words || i == of.headings;
            columns_.push_back(words ? set_words(of.table, i) : set_numbers(of.table, i));
        }
        if (std::count(of.marked.begin(), of.marked.end(), true) > 0) {
            columns_.front().width += letter_width;
        }
        fit(columns_);
    }

    std::string text() const
    {
        const bool is_long = of_.table.rows.size() > most_rows_of_a_float;
        return is_long ? long_table() : floating();
    }

  private:
    static constexpr const char* style =
        "\\scriptsize\n\\setlength{\\tabcolsep}{2.5pt}\n"
        "\\sisetup{retain-explicit-plus=true, group-digits=none, table-number-alignment=center}\n";

    std::string preamble() const
    {
        std::string text = "@{}";
        for (const auto& column : columns_) {
            text += column.preamble;
        }
        return text + "@{}";
    }

    std::string header() const
    {
        std::string text;
        for (std::size_t i = of_.headings; i < of_.table.columns.size(); ++i) {
            text += (i == of_.headings ? "{" : " & {") + header_of(of_.table.columns[i]) + "}";
        }
        return text + " \\\\\n";
    }

    std::string caption() const
    {
        return fmt::format("\\caption{{{}}}\\label{{tab:fa-{}}}", of_.caption, of_.label);
    }

    std::string heading_of(std::size_t row) const
    {
        std::string text;
        for (std::size_t i = 0; i < of_.headings; ++i) {
            const auto words = aggregation::readable(of_.table.rows[row].cells[i], of_.table.columns[i]);
            if (words != "–") {
                text += (text.empty() ? "" : ": ") + breakable_latex(words);
            }
        }
        return text;
    }

    std::string body() const
    {
        std::string text;
        std::string last;
        for (std::size_t row = 0; row < of_.table.rows.size(); ++row) {
            if (of_.headings > 0) {
                const auto heading = heading_of(row);
                if (heading != last) {
                    // A box without width: a long heading must not widen the columns.
                    text += fmt::format("{}\\multicolumn{{{}}}{{@{{}}l@{{}}}}{{\\makebox[0pt][l]{{"
                                        "\\parbox[t]{{0.9\\linewidth}}{{\\raggedright\\textbf{{{}}}}}}}}} "
                                        "\\\\*\n",
                                        row == 0 ? "" : "\\addlinespace\n", columns_.size(), heading);
                    last = heading;
                }
            }
            const bool marked = row < of_.marked.size() && of_.marked[row];
            text += line_of(columns_, row, marked ? "\\,$\\dagger$" : "");
        }
        return text;
    }

    std::string notes() const
    {
        std::string text;
        for (const auto& note : of_.notes) {
            text += fmt::format("\\par\\smallskip\\raggedright {}\n", note);
        }
        return text;
    }

    std::string floating() const
    {
        return fmt::format("\\begin{{table}}[!htbp]\n\\centering\n{}\n\\par\\smallskip\n{}\\begin{{tabular}}{"
                           "{{}}}\n\\toprule\n"
                           "{}\\midrule\n{}\\bottomrule\n\\end{{tabular}}\n{}\\end{{table}}\n",
                           caption(), style, preamble(), header(), body(), notes());
    }

    std::string long_table() const
    {
        const auto head = header();
        return fmt::format("\\begingroup\n{}\\begin{{longtable}}{{{}}}\n{} \\\\\n\\toprule\n"
                           "{}\\midrule\n\\endfirsthead\n\\toprule\n{}\\midrule\n\\endhead\n"
                           "\\midrule\n\\multicolumn{{{}}}{{r@{{}}}}{{continued on the next page}}\\\\\n"
                           "\\endfoot\n\\bottomrule\n\\endlastfoot\n{}\\end{{longtable}}\n{}\\endgroup\n",
                           style, preamble(), caption(), head, head, columns_.size(), body(), notes());
    }

    const LatexTable& of_;
    std::vector<Set> columns_;
};

} // namespace

std::string to_latex(const LatexTable& table)
{
    return Writing(table).text();
}

} // namespace fa::reporting
