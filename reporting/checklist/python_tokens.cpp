#include "reporting/checklist/python_tokens.hpp"

#include <algorithm>
#include <utility>

namespace fa::reporting {
namespace {

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
/// Bytes of a UTF-8 name count as letters.
bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c)
{
    return starts_name(c) || is_digit(c);
}

/// f-strings in the braces of f-strings, and so on: deeper ones stay strings.
constexpr int deepest_f_string = 4;
/// Python itself refuses more open brackets; so a token is within few calls, and looking at all of them stays
/// linear.
constexpr std::size_t most_open_brackets = 200;

class Tokeniser {
  public:
    explicit Tokeniser(std::string_view text) : text_(text) {}

    Tokens run()
    {
        if (text_.starts_with("\xEF\xBB\xBF")) {
            place_ = 3;
        }
        begin_line();
        read_until(text_.size(), 0);
        end_line();
        return std::move(result_);
    }

  private:
    char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }

    /// Everything before `end`; `depth` is that of f-strings.
    void read_until(std::size_t end, int depth)
    {
        while (place_ < end) {
            read_one(end, depth);
        }
    }

    void read_one(std::size_t end, int depth)
    {
        const char c = text_[place_];
        if (c == '\n') {
            ++place_;
            ++line_;
            if (open_.empty()) {
                end_line();
                begin_line();
            }
        } else if (c == '\\' &&
                   (at(place_ + 1) == '\n' || (at(place_ + 1) == '\r' && at(place_ + 2) == '\n'))) {
            place_ += at(place_ + 1) == '\n' ? 2 : 3;
            ++line_;
        } else if (c == '#') {
            place_ = std::min(end, text_.find('\n', place_));
        } else if (c == '"' || c == '\'') {
            string(place_, end, depth, false);
        } else if (starts_name(c)) {
            name(end, depth);
        } else if (is_digit(c) || (c == '.' && is_digit(at(place_ + 1)))) {
            number(end);
        } else if (static_cast<unsigned char>(c) <= ' ') {
            ++place_;
        } else {
            op(end);
        }
    }

    void name(std::size_t end, int depth)
    {
        const auto first = place_;
        while (place_ < end && continues_name(text_[place_])) {
            ++place_;
        }
        const auto word = text_.substr(first, place_ - first);
        const bool quote = place_ < end && (text_[place_] == '"' || text_[place_] == '\'');
        if (quote && word.size() <= 2 && word.find_first_not_of("rRbBuUfFtT") == word.npos) {
            string(first, end, depth, word.find_first_of("fFtT") != word.npos);
        } else {
            add(first, TokenKind::name);
        }
    }

    void number(std::size_t end)
    {
        const auto first = place_;
        while (place_ < end && (continues_name(text_[place_]) || text_[place_] == '.' ||
                                ((text_[place_] == '-' || text_[place_] == '+') && is_exponent(first)))) {
            ++place_;
        }
        add(first, TokenKind::number);
    }
    bool is_exponent(std::size_t first) const
    {
        const char before = text_[place_ - 1];
        return (before == 'e' || before == 'E') && !text_.substr(first).starts_with("0x");
    }

    void op(std::size_t end)
    {
        static constexpr std::string_view twos[] = {"==", "!=", "<=", ">=", "->", ":=", "**",
                                                    "//", "+=", "-=", "*=", "/=", "@=", "%=",
                                                    "&=", "|=", "^=", "<<", ">>"};
        const auto first = place_;
        const auto two = text_.substr(place_, std::min<std::size_t>(2, end - place_));
        place_ += std::ranges::find(twos, two) != std::end(twos) ? 2 : 1;
        add(first, TokenKind::op);
        match_bracket();
    }

    void match_bracket()
    {
        const auto here = static_cast<std::uint32_t>(result_.tokens.size() - 1);
        const char c = result_.tokens[here].text.front();
        if (c == '(' || c == '[' || c == '{') {
            if (open_.size() < most_open_brackets) {
                open_.push_back(here);
            }
        } else if (c == ')' || c == ']' || c == '}') {
            const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
            if (open_.size() > floor_ && result_.tokens[open_.back()].text.front() == opening) {
                result_.tokens[here].partner = open_.back();
                result_.tokens[open_.back()].partner = here;
                open_.pop_back();
            }
        }
    }

    /// @param first  where its prefix begins; place_ is its first quote
    void string(std::size_t first, std::size_t end, int depth, bool formatted)
    {
        const char quote = text_[place_];
        const bool triple = place_ + 2 < end && at(place_ + 1) == quote && at(place_ + 2) == quote;
        place_ += triple ? 3 : 1;
        const auto token = result_.tokens.size();
        const auto line = line_;
        result_.tokens.push_back({{}, line, Token::none, TokenKind::string});
        while (place_ < end) {
            const char c = text_[place_];
            if (c == '\n' && !triple) {
                break; // a mistake of the author's: the string ends with its line
            }
            if (c == '\\') {
                line_ += at(place_ + 1) == '\n' ? 1U : 0U;
                place_ = std::min(end, place_ + 2);
            } else if (c == quote && (!triple || (at(place_ + 1) == quote && at(place_ + 2) == quote))) {
                place_ = std::min(end, place_ + (triple ? 3U : 1U));
                break;
            } else if (formatted && c == '{' && at(place_ + 1) == '{') {
                place_ += 2;
            } else if (formatted && c == '{' && depth < deepest_f_string) {
                replacement(end, depth, quote, triple);
            } else {
                line_ += c == '\n' ? 1U : 0U;
                ++place_;
            }
        }
        place_ = std::min(end, place_);
        result_.tokens[token].text = text_.substr(first, place_ - first);
    }

    /// The expression in the braces of an f-string, as code in brackets.
    void replacement(std::size_t end, int depth, char quote, bool triple)
    {
        const auto close = closing_brace(end, quote, triple);
        ++place_;
        if (close == std::string_view::npos) {
            return;
        }
        const auto floor = std::exchange(floor_, open_.size() + 1);
        const auto before = static_cast<std::uint32_t>(result_.tokens.size());
        result_.tokens.push_back({"(", line_, Token::none, TokenKind::op});
        open_.push_back(before);
        read_until(close, depth + 1);
        open_.resize(floor_ - 1);
        floor_ = floor;
        const auto after = static_cast<std::uint32_t>(result_.tokens.size());
        result_.tokens.push_back({")", line_, before, TokenKind::op});
        result_.tokens[before].partner = after;
        place_ = close + 1;
    }

    /// Of the brace at place_: within its line, or within a few lines of a string of three quotes.
    std::size_t closing_brace(std::size_t end, char quote, bool triple) const
    {
        constexpr std::size_t longest = 2000;
        std::size_t open = 0;
        char inner = '\0'; // the quote of a string in the expression
        for (auto i = place_; i < std::min(end, place_ + longest); ++i) {
            const char c = text_[i];
            if (c == '\n' && !triple) {
                break;
            }
            if (inner != '\0') {
                inner = c == inner ? '\0' : inner;
            } else if (c == '"' || c == '\'') {
                if (c == quote && !triple && open < 2) {
                    // The string's own end, or (Python 3.12) one inside: a call's or an index's argument.
                    if (open == 1 && at(i - 1) != '[' && at(i - 1) != '(' && at(i - 1) != ',' &&
                        at(i - 1) != ' ') {
                        break;
                    }
                }
                inner = c;
            } else if (c == '{') {
                ++open;
            } else if (c == '}' && --open == 0) {
                return i;
            }
        }
        return std::string_view::npos;
    }

    void add(std::size_t first, TokenKind kind)
    {
        result_.tokens.push_back({text_.substr(first, place_ - first), line_, Token::none, kind});
    }

    void begin_line()
    {
        std::uint32_t column = 0;
        for (; at(place_) == ' ' || at(place_) == '\t'; ++place_) {
            column = at(place_) == ' ' ? column + 1 : column / 8 * 8 + 8;
        }
        first_ = static_cast<std::uint32_t>(result_.tokens.size());
        indent_ = column;
    }
    void end_line()
    {
        const auto end = static_cast<std::uint32_t>(result_.tokens.size());
        if (end > first_) {
            result_.lines.push_back({first_, end, indent_});
        }
    }

    std::string_view text_;
    std::size_t place_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t first_ = 0, indent_ = 0; ///< of the logical line
    std::vector<std::uint32_t> open_;      ///< brackets
    std::size_t floor_ = 0;                ///< of those that what is read now may close
    Tokens result_;
};

} // namespace

Tokens tokenise(std::string_view text)
{
    return Tokeniser(text).run();
}

} // namespace fa::reporting
