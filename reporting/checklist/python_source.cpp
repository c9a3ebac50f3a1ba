#include "reporting/checklist/python_source.hpp"

#include <algorithm>

namespace fa::reporting {
namespace {

/// `def`, or `async def`, or nothing of the kind.
bool is_definition(TokenSpan line)
{
    return line.front().is("def") || (line.size() > 1 && line.front().is("async") && line[1].is("def"));
}

std::vector<std::uint32_t> functions_of(const Tokens& source)
{
    struct Open {
        std::uint32_t indent, function;
    };
    std::vector<std::uint32_t> functions;
    std::vector<Open> open;
    std::uint32_t count = 0;
    for (const auto& line : source.lines) {
        while (!open.empty() && open.back().indent >= line.indent) {
            open.pop_back();
        }
        const auto tokens = TokenSpan(source.tokens).subspan(line.first, line.end - line.first);
        if (is_definition(tokens)) {
            open.push_back({line.indent, ++count});
        }
        functions.push_back(open.empty() ? 0 : open.back().function);
    }
    // Decorators belong to what they decorate.
    for (auto i = functions.size(); i-- > 1;) {
        const auto& line = source.lines[i - 1];
        if (source.tokens[line.first].is("@") && line.indent == source.lines[i].indent) {
            functions[i - 1] = functions[i];
        }
    }
    return functions;
}

/// The place after the argument that begins at `i`: a comma outside inner brackets, or `end`.
std::uint32_t end_of_argument(TokenSpan tokens, std::uint32_t i, std::uint32_t end)
{
    while (i < end && !tokens[i].is(",")) {
        const auto partner = tokens[i].partner;
        i = partner != Token::none && partner > i ? partner + 1 : i + 1;
    }
    return std::min(i, end);
}

std::string joined(const std::vector<std::string_view>& names)
{
    std::string text;
    for (const auto name : names) {
        text.append(text.empty() ? "" : ".").append(name);
    }
    return text;
}

} // namespace

const Argument* Call::keyword(std::string_view wanted) const
{
    const auto found = std::ranges::find(arguments, wanted, &Argument::keyword);
    return found == arguments.end() ? nullptr : &*found;
}

const Argument* Call::positional(std::size_t place) const
{
    for (const auto& argument : arguments) {
        if (!argument.keyword.empty()) {
            continue;
        }
        if (argument.value.empty() || argument.value.front().is("*") || argument.value.front().is("**")) {
            return nullptr;
        }
        if (place-- == 0) {
            return &argument;
        }
    }
    return nullptr;
}

std::vector<Argument> arguments_of(TokenSpan tokens, std::uint32_t bracket)
{
    std::vector<Argument> arguments;
    const auto close = tokens[bracket].partner;
    if (close == Token::none) {
        return arguments;
    }
    for (auto i = bracket + 1; i < close;) {
        const auto end = end_of_argument(tokens, i, close);
        const auto value = tokens.subspan(i, end - i);
        if (value.size() > 1 && value[0].kind == TokenKind::name && value[1].is("=")) {
            arguments.push_back({value[0].text, value.subspan(2)});
        } else if (!value.empty()) {
            arguments.push_back({{}, value});
        }
        i = end + 1;
    }
    return arguments;
}

TokenSpan without_brackets(TokenSpan tokens)
{
    while (tokens.size() > 2 && tokens.front().is("(") &&
           tokens.front().partner - tokens.back().partner == tokens.size() - 1) {
        tokens = tokens.subspan(1, tokens.size() - 2);
    }
    return tokens;
}

bool is_negative_number(TokenSpan value)
{
    value = without_brackets(value);
    return value.size() == 2 && value[0].is("-") && value[1].kind == TokenKind::number;
}

PythonSource::PythonSource(std::string where, std::string text)
    : where_(std::move(where)), text_(std::make_unique<const std::string>(std::move(text))),
      tokens_(tokenise(*text_)), functions_(functions_of(tokens_))
{
}

std::size_t PythonSource::line_of(std::uint32_t token) const
{
    const auto after = std::ranges::upper_bound(lines(), token, {}, &LogicalLine::first);
    return static_cast<std::size_t>(after - lines().begin()) - 1;
}

bool PythonSource::is_call(std::uint32_t token) const
{
    const auto all = tokens();
    const bool named = all[token].kind == TokenKind::name && token + 1 < all.size() && all[token + 1].is("(");
    return named && (token == 0 || (!all[token - 1].is("def") && !all[token - 1].is("class")));
}

Call PythonSource::call_at(std::uint32_t token) const
{
    const auto all = tokens();
    Call call{token, {}, arguments_of(all, token + 1)};
    auto i = token;
    while (i >= 2 && all[i - 1].is(".") && call.receiver.size() < 16) {
        if (all[i - 2].kind != TokenKind::name) {
            call.receiver.assign(1, "");
            return call;
        }
        call.receiver.insert(call.receiver.begin(), all[i - 2].text);
        i -= 2;
    }
    if (i >= 1 && all[i - 1].is(".")) {
        call.receiver.assign(1, "");
    }
    return call;
}

Imports::Imports()
    : names_{{"torch", "torch"},
             {"F", "torch.nn.functional"},
             {"functional", "torch.nn.functional"},
             {"nn", "torch.nn"},
             {"np", "numpy"},
             {"numpy", "numpy"},
             {"LA", "torch.linalg"},
             {"linalg", "torch.linalg"},
             {"CosineSimilarity", "torch.nn.CosineSimilarity"}}
{
}

void Imports::add(const PythonSource& source)
{
    const auto dotted = [](TokenSpan line, std::size_t& i) {
        std::string name;
        for (; i < line.size() && (line[i].is(".") || line[i].kind == TokenKind::name) &&
               !line[i].is("import") && !line[i].is("as");
             ++i) {
            name.append(line[i].text);
        }
        return name;
    };
    for (const auto& logical : source.lines()) {
        const auto line = source.tokens_of(logical);
        std::size_t i = 1;
        const bool from = line.front().is("from");
        if (!from && !line.front().is("import")) {
            continue;
        }
        const std::string module = from ? dotted(line, i) + "." : "";
        for (i += from ? 1 : 0; i < line.size(); ++i) {
            if (line[i].is("*")) {
                stars_.insert(module);
            }
            const auto name = dotted(line, i);
            if (name.empty()) {
                continue;
            }
            const bool renamed = i + 1 < line.size() && line[i].is("as");
            const std::string known =
                renamed ? std::string(line[i + 1].text) : name.substr(0, name.find('.'));
            i += renamed ? 1 : 0;
            names_[known] = renamed || from ? module + name : known;
        }
    }
}

std::string Imports::full_name(const PythonSource& source, const Call& call) const
{
    const auto name = source.tokens()[call.name].text;
    if (call.receiver.empty()) {
        const auto found = names_.find(name);
        if (found != names_.end()) {
            return found->second;
        }
        for (const auto& star : stars_) {
            if (star.starts_with("torch.")) {
                return star + std::string(name);
            }
        }
        return std::string(name);
    }
    const auto found = names_.find(call.receiver.front());
    if (found == names_.end()) {
        return "." + std::string(name);
    }
    auto rest = call.receiver;
    rest.front() = found->second;
    return joined(rest) + "." + std::string(name);
}

} // namespace fa::reporting
