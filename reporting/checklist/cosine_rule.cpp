/// Pitfall 2: F.cosine_similarity clamps small magnitudes.
#include "reporting/checklist/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace fa::reporting {
namespace {

/// A literal eps from which on gradients of the size that the diagnostics let pass are clamped.
constexpr double harmful_eps = 1e-12;

struct Cosine {
    std::string_view shown;
    std::size_t eps_place; ///< among the positional arguments
};

/// PyTorch's, by its full name; an eps_place of 0: none.
Cosine cosine_of(std::string_view full)
{
    if (!full.starts_with("torch.")) {
        return {"", 0};
    }
    if (full.ends_with(".cosine_similarity")) {
        return {"cosine_similarity", 3};
    }
    return full.ends_with(".CosineSimilarity") ? Cosine{"CosineSimilarity", 1} : Cosine{"", 0};
}

/// What is wrong with an eps; empty: nothing.
std::string complaint_of(const Argument* eps)
{
    if (eps == nullptr) {
        return "its eps is the default, 1e-8";
    }
    const auto value = without_brackets(eps->value);
    if (value.size() == 1 && value.front().kind == TokenKind::number) {
        const double number = std::strtod(std::string(value.front().text).c_str(), nullptr);
        return number >= harmful_eps ? fmt::format("its eps is {}", value.front().text) : "";
    }
    const bool finfo = std::ranges::any_of(value, [](const Token& token) { return token.is("finfo"); });
    return finfo && value.back().is("eps")
               ? "its eps is finfo(…).eps, a rounding error and no smallest number"
               : "";
}

bool asks_for_a_norm(TokenSpan line)
{
    const bool norm = std::ranges::any_of(line, [](const Token& token) {
        return token.kind == TokenKind::name && token.text.find("norm") != std::string_view::npos;
    });
    return norm && std::ranges::any_of(line, [](const Token& token) {
               return token.is("<") || token.is(">") || token.is("<=") || token.is(">=");
           });
}

bool leaves(TokenSpan line)
{
    return std::ranges::any_of(line, [](const Token& token) {
        return token.is("raise") || token.is("return") || token.is("continue");
    });
}

/// Of each function the first line that makes sure that a norm is large enough.
std::vector<std::size_t> guards_of(const PythonSource& source)
{
    std::vector<std::size_t> guards;
    const auto& lines = source.lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto function = source.functions()[i];
        guards.resize(std::max<std::size_t>(guards.size(), function + 1), lines.size());
        const auto tokens = source.tokens_of(lines[i]);
        const bool condition =
            tokens.front().is("if") &&
            (leaves(tokens) || (i + 1 < lines.size() && leaves(source.tokens_of(lines[i + 1]))));
        if ((tokens.front().is("assert") || condition) && asks_for_a_norm(tokens)) {
            guards[function] = std::min(guards[function], i);
        }
    }
    return guards;
}

} // namespace

std::vector<Finding> find_clamped_cosines(const Program& program)
{
    std::vector<Finding> findings;
    for (const auto& source : program.sources) {
        const auto guards = guards_of(source);
        for (std::uint32_t i = 0; i < source.tokens().size(); ++i) {
            if (!source.is_call(i)) {
                continue;
            }
            const auto name = source.tokens()[i].text;
            if (name != "cosine_similarity" && name != "CosineSimilarity" && !program.imports.renames(name)) {
                continue;
            }
            const auto call = source.call_at(i);
            const auto cosine = cosine_of(program.imports.full_name(source, call));
            if (cosine.eps_place == 0) {
                continue;
            }
            const auto* keyword = call.keyword("eps");
            const auto complaint =
                complaint_of(keyword != nullptr ? keyword : call.positional(cosine.eps_place));
            const auto line = source.line_of(i);
            if (!complaint.empty() && guards[source.functions()[line]] >= line) {
                findings.push_back(
                    {2, source.where(), source.tokens()[i].line,
                     fmt::format("{}: {}, which shrinks the cosine of smaller vectors; divide by the "
                                 "norms themselves, or assert that they are larger before",
                                 cosine.shown, complaint)});
            }
        }
    }
    return findings;
}

} // namespace fa::reporting
