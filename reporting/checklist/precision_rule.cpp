/// Pitfall 3: half precision near the metric.
#include "reporting/checklist/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace fa::reporting {
namespace {

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool is_cosine_name(std::string_view name)
{
    return contains(name, "cosine") || contains(name, "cos_sim") || contains(name, "cossim") || name == "cos";
}

/// Γ, not the γ of a learning-rate schedule or a LayerNorm.
bool is_gamma_name(std::string_view name)
{
    return contains(name, "gamma") || contains(name, "Gamma") || name == "Γ" || contains(name, "alignment");
}

/// Does the right-hand side look like a cosine's: a quotient, a norm, a product?
bool looks_like_a_cosine(TokenSpan value)
{
    static constexpr std::string_view products[] = {"sum",  "dot", "einsum", "matmul",
                                                    "mean", "bmm", "vdot",   "inner"};
    return std::ranges::any_of(value, [](const Token& token) {
        return token.is("/") || token.is("@") ||
               (token.kind == TokenKind::name &&
                (contains(token.text, "norm") || is_cosine_name(token.text) ||
                 std::ranges::find(products, token.text) != std::end(products)));
    });
}

/// A cosine written out: a quotient by the product of two norms, whatever it is called.
bool divides_by_two_norms(TokenSpan line)
{
    const auto quotient = std::ranges::find_if(line, [](const Token& token) { return token.is("/"); });
    const auto is_norm = [](const Token& token) {
        return token.kind == TokenKind::name && (token.text == "norm" || token.text == "vector_norm");
    };
    const auto first = std::find_if(quotient, line.end(), is_norm);
    const auto product = std::find_if(first, line.end(), [](const Token& token) { return token.is("*"); });
    return std::find_if(product, line.end(), is_norm) != line.end();
}

bool computes_the_metric(const PythonSource& source, const LogicalLine& line)
{
    const auto all = source.tokens();
    if (divides_by_two_norms(source.tokens_of(line))) {
        return true;
    }
    for (auto i = line.first; i < line.end; ++i) {
        if (all[i].kind != TokenKind::name) {
            continue;
        }
        if (is_cosine_name(all[i].text) && source.is_call(i) && all[i].text != "cos") {
            return true;
        }
        if (!is_gamma_name(all[i].text)) {
            continue;
        }
        if (source.is_call(i)) {
            return true;
        }
        // gamma = …, gammas[l] = …, gammas.append(…): outside brackets only, where `=` is no keyword's.
        const auto rest = all.subspan(i + 1, line.end - i - 1);
        const bool begins = i == line.first || all[i - 1].is(".") || all[i - 1].is(",") ||
                            all[i - 1].is(";") || all[i - 1].is(":");
        if (begins && !rest.empty() &&
            (rest[0].is("=") || rest[0].is("+=") || rest[0].is("[") || rest[0].is(".")) &&
            looks_like_a_cosine(rest)) {
            return true;
        }
    }
    return false;
}

/// The line merely asks for a dtype.
bool is_question(TokenSpan line)
{
    return line.front().is("if") || line.front().is("elif") || line.front().is("assert") ||
           line.front().is("while");
}

bool is_switched_off(const Call& call)
{
    const auto* enabled = call.keyword("enabled");
    const auto* said = enabled != nullptr ? enabled : call.positional(0);
    return said != nullptr && said->value.size() == 1 && said->value.front().is("False");
}

/// What a token says of half precision; empty: nothing.
std::string half_precision_at(const PythonSource& source, std::uint32_t i, TokenSpan line)
{
    const auto all = source.tokens();
    const auto name = all[i].text;
    const bool member = i > 0 && all[i - 1].is(".");
    if ((name == "half" || name == "bfloat16") && member && source.is_call(i)) {
        return source.call_at(i).arguments.empty() ? fmt::format(".{}()", name) : "";
    }
    if (name == "autocast" && source.is_call(i)) {
        return is_switched_off(source.call_at(i)) ? "" : "autocast";
    }
    const bool word =
        (name == "float16" || name == "bfloat16") && !(i + 1 < all.size() && all[i + 1].is("="));
    const bool dtype = word || (name == "half" && member && i >= 2 && all[i - 2].is("torch"));
    return dtype && !is_question(line) ? std::string(name) : "";
}

std::string advice(const std::string& what)
{
    return fmt::format("{} in a function that computes a cosine: {}; compute Γ in float32 or float64", what,
                       contains(what, "bfloat16") ? "eight bits of mantissa (its range is float32's)"
                                                  : "gradients below 6e-8 become 0 in fp16");
}

void look_at(const PythonSource& source, std::vector<Finding>& findings)
{
    std::vector<bool> metric; // by function
    for (std::size_t i = 0; i < source.lines().size(); ++i) {
        const auto function = source.functions()[i];
        metric.resize(std::max<std::size_t>(metric.size(), function + 1), false);
        const auto& line = source.lines()[i];
        const auto first = source.tokens()[line.first];
        if (!metric[function] && !first.is("def") && !first.is("async") && !first.is("@") &&
            !first.is("import") && !first.is("from")) {
            metric[function] = computes_the_metric(source, line);
        }
    }
    for (std::size_t i = 0; i < source.lines().size(); ++i) {
        const auto& line = source.lines()[i];
        if (!metric[source.functions()[i]]) {
            continue;
        }
        const auto words = source.tokens_of(line);
        for (auto token = line.first; token < line.end; ++token) {
            auto what = half_precision_at(source, token, words);
            if (!what.empty()) {
                const bool cast =
                    std::ranges::any_of(words, [](const Token& one) { return one.is("bfloat16"); });
                what = what == "autocast" && cast ? "autocast to bfloat16" : what;
                findings.push_back({3, source.where(), source.tokens()[token].line, advice(what)});
                break; // one a statement
            }
        }
    }
}

} // namespace

std::vector<Finding> find_half_precision(const Program& program)
{
    std::vector<Finding> findings;
    for (const auto& source : program.sources) {
        look_at(source, findings);
    }
    return findings;
}

} // namespace fa::reporting
