#pragma once
/// Python code as the rules look at it: tokens, the functions around them, calls and their arguments.

#include "reporting/checklist/python_tokens.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fa::reporting {

/// Tokens of a source, in order.
using TokenSpan = std::span<const Token>;

/// One argument of a call.
struct Argument {
    std::string_view keyword; ///< empty: positional
    TokenSpan value;
};

/// `receiver.name(arguments)`.
struct Call {
    std::uint32_t name = 0;                 ///< its token's place
    std::vector<std::string_view> receiver; ///< the dotted names before it: {"torch", "nn"}; of `f(x).g` {""}
    std::vector<Argument> arguments;

    const Argument* keyword(std::string_view wanted) const;
    /// The positional argument at a place; null where there are fewer, or a `*args` before it.
    const Argument* positional(std::size_t place) const;
};

/// A module, or a cell of a notebook.
class PythonSource {
  public:
    /// @param where    what findings say before the line's number: "src/gamma.py" or "a.ipynb: cell 3"
    PythonSource(std::string where, std::string text);

    const std::string& where() const { return where_; }
    TokenSpan tokens() const { return tokens_.tokens; }
    const std::vector<LogicalLine>& lines() const { return tokens_.lines; }
    TokenSpan tokens_of(const LogicalLine& line) const
    {
        return tokens().subspan(line.first, line.end - line.first);
    }
    /// The innermost function around each logical line, numbered from 1; 0: none.
    const std::vector<std::uint32_t>& functions() const { return functions_; }
    /// The logical line that a token belongs to.
    std::size_t line_of(std::uint32_t token) const;

    /// Is there a call at this token, a name before a bracket (not of a `def` or `class`)?
    bool is_call(std::uint32_t token) const;
    /// @pre is_call(token)
    Call call_at(std::uint32_t token) const;

  private:
    std::string where_;
    std::unique_ptr<const std::string> text_; ///< where the tokens point to, wherever this object goes
    Tokens tokens_;
    std::vector<std::uint32_t> functions_;
};

/// What `import` lines call things: `F` → "torch.nn.functional", `norm` → "torch.linalg.norm". A later import
/// of the same name wins; the usual names (torch, np, F, nn, LA) stand for what they usually do.
class Imports {
  public:
    Imports();
    void add(const PythonSource& source);
    /// The full dotted name of a call's receiver and name: "torch.nn.functional.cosine_similarity"; ".norm"
    /// where the receiver is no module.
    std::string full_name(const PythonSource& source, const Call& call) const;
    /// Has an `import` given something this name (that is not its own)?
    bool renames(std::string_view name) const { return names_.find(name) != names_.end(); }

  private:
    std::map<std::string, std::string, std::less<>> names_;
    std::set<std::string, std::less<>> stars_; ///< modules of `from … import *`
};

/// The arguments between an opening bracket and its partner; none without one.
std::vector<Argument> arguments_of(TokenSpan tokens, std::uint32_t bracket);
/// Without brackets around the whole of it.
TokenSpan without_brackets(TokenSpan tokens);
/// Is it a negative number, such as -1, - 1, (-1) or -1.0?
bool is_negative_number(TokenSpan value);

} // namespace fa::reporting
