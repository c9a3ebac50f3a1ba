/// Pitfall 4: feedback matrices that can't be had again.
#include "reporting/checklist/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fa::reporting {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words)
{
    return std::ranges::find(words, text) != words.end();
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool is_feedback_name(std::string_view name)
{
    if (contains(name, "fresh")) {
        return false;
    }
    if (contains(name, "feedback") || contains(name, "Feedback") || name == "weight_backward" ||
        name == "backward_weight") {
        return true;
    }
    if (!name.starts_with("B")) {
        return false;
    }
    auto rest = name.substr(1);
    rest.remove_prefix(rest.starts_with("s") ? 1 : 0);
    return rest.empty() || rest.starts_with("_") || rest.find_first_not_of("0123456789") == rest.npos;
}

constexpr std::array<std::string_view, 16> random_calls{
    "randn",           "randn_like",       "rand",           "rand_like",       "normal",
    "standard_normal", "normal_",          "uniform",        "uniform_",        "orthogonal_",
    "kaiming_normal_", "kaiming_uniform_", "xavier_normal_", "xavier_uniform_", "trunc_normal_",
    "random_",
};
constexpr std::array<std::string_view, 5> kept_kinds{"Parameter", "Buffer", "ParameterList", "BufferList",
                                                     "ParameterDict"};
constexpr std::array<std::string_view, 13> saving_calls{
    "save",    "savez",   "savez_compressed", "save_file",       "save_model",         "dump",  "dumps",
    "savetxt", "savemat", "create_dataset",   "register_buffer", "register_parameter", "export"};

bool is_saving(std::string_view name)
{
    return is_one_of(name, saving_calls) || name.starts_with("export_") || name.starts_with("save_");
}

/// Is a Parameter or Buffer made here?
bool makes_kept_kind(const PythonSource& source, std::uint32_t first, std::uint32_t end)
{
    for (auto i = first; i < end; ++i) {
        if (source.is_call(i) && is_one_of(source.tokens()[i].text, kept_kinds)) {
            return true;
        }
    }
    return false;
}

/// Is something random made here that its own generator can't make again?
bool makes_random_numbers(const PythonSource& source, std::uint32_t first, std::uint32_t end)
{
    bool random = false;
    for (auto i = first; i < end; ++i) {
        if (!source.is_call(i)) {
            continue;
        }
        if (is_one_of(source.tokens()[i].text, random_calls)) {
            random = random || source.call_at(i).keyword("generator") == nullptr;
        }
    }
    return random;
}

std::string_view unquoted(std::string_view text)
{
    const auto first = text.find_first_of("'\"");
    const auto last = text.find_last_of("'\"");
    return first == last ? std::string_view{} : text.substr(first + 1, last - first - 1);
}

/// What `nn.init.normal_(self.B)` or `B.normal_()` fills; empty where that can't be seen.
std::string_view filled_by(const Call& call)
{
    if (const auto* first = call.positional(0);
        first != nullptr && !call.receiver.empty() && contains(call.receiver.back(), "init")) {
        const auto value = first->value;
        const auto end = std::ranges::find_if(value, [](const Token& token) { return token.is("["); });
        return end == value.begin() ? std::string_view{} : (end - 1)->text;
    }
    return call.receiver.empty() ? std::string_view{} : call.receiver.back();
}

void add_names(TokenSpan tokens, std::set<std::string, std::less<>>& names)
{
    for (const auto& token : tokens) {
        if (token.kind == TokenKind::name) {
            names.emplace(token.text);
        }
    }
}

/// The first `=` outside brackets (also of `B: Tensor = …`); `end` where there is none.
std::uint32_t assignment_of(const PythonSource& source, const LogicalLine& line)
{
    const auto all = source.tokens();
    for (auto i = line.first; i < line.end;) {
        if (all[i].is("=")) {
            return i;
        }
        const auto partner = all[i].partner;
        i = partner != Token::none && partner > i ? partner + 1 : i + 1;
    }
    return line.end;
}

/// The name that a target binds or fills: Bs of `Bs`, `self.Bs`, `Bs[l]`, `self.Bs: list`.
std::string_view target_of(const PythonSource& source, std::uint32_t first, std::uint32_t end)
{
    const auto all = source.tokens();
    std::string_view name;
    for (auto i = first; i < end; ++i) {
        if (all[i].kind == TokenKind::name) {
            name = all[i].text;
        } else if (!all[i].is(".")) {
            return all[i].is("[") || all[i].is(":") ? name : std::string_view{};
        }
    }
    return name;
}

} // namespace

void FeedbackRule::look_at(const Program& program)
{
    for (const auto& source : program.sources) {
        look_at(source);
    }
}

void FeedbackRule::look_at(const PythonSource& source)
{
    for (const auto& line : source.lines()) {
        look_at_calls(source, line);
        look_at_assignment(source, line);
    }
}

void FeedbackRule::look_at_calls(const PythonSource& source, const LogicalLine& line)
{
    const auto all = source.tokens();
    for (auto i = line.first; i < line.end; ++i) {
        if (!source.is_call(i) || all[i + 1].partner == Token::none) {
            continue;
        }
        if (is_saving(all[i].text)) {
            look_at_saving(source, source.call_at(i));
        } else if (all[i].text.ends_with('_') && is_one_of(all[i].text, random_calls)) {
            const auto name = filled_by(source.call_at(i));
            if (is_feedback_name(name)) {
                made_.push_back({std::string(name), source.where(), all[i].line});
            }
        }
    }
}

void FeedbackRule::look_at_saving(const PythonSource& source, const Call& call)
{
    const auto all = source.tokens();
    const auto first = call.name + 2, end = all[call.name + 1].partner;
    const auto* persistent = call.keyword("persistent");
    const bool kept =
        persistent == nullptr || persistent->value.empty() || !persistent->value.front().is("False");
    const auto* name = call.positional(0);
    const auto text =
        name != nullptr && name->value.size() == 1 ? unquoted(name->value.front().text) : std::string_view{};
    if (kept) {
        add_names(all.subspan(first, end - first), saved_);
        if (all[call.name].text.starts_with("register_")) {
            saved_.emplace(text); // register_buffer("B", torch.empty(…)), filled later
        }
    } else if (is_feedback_name(text) && makes_random_numbers(source, first, end)) {
        made_.push_back({std::string(text), source.where(), all[call.name].line});
    }
}

void FeedbackRule::look_at_assignment(const PythonSource& source, const LogicalLine& line)
{
    const auto all = source.tokens();
    auto end_of_target = assignment_of(source, line);
    auto first = end_of_target + 1;
    for (auto i = line.first + 1; end_of_target == line.end && i < line.end; ++i) {
        if ((all[i].is("append") || all[i].is("update")) && all[i - 1].is(".") && source.is_call(i)) {
            end_of_target = i - 1; // Bs.append(…) fills Bs
            first = i + 1;
            break;
        }
    }
    const auto target = target_of(source, line.first, end_of_target);
    if (target.empty() || first >= line.end) {
        return;
    }
    const auto value = all.subspan(first, line.end - first);
    const bool gathers = value.front().is("[") || value.front().is("{") || value.front().is("(") ||
                         value.front().is("dict") || all[end_of_target - 1].is("]");
    const bool renames = value.size() <= 3; // state = model.Bs
    if (gathers || renames) {
        add_names(value, contents_[std::string(target)]);
    }
    if (makes_kept_kind(source, first, line.end)) {
        saved_.emplace(target);
    } else if (is_feedback_name(target) && makes_random_numbers(source, first, line.end)) {
        made_.push_back({std::string(target), source.where(), all[line.first].line});
    }
}

std::vector<Finding> FeedbackRule::findings() const
{
    auto saved = saved_;
    std::vector<std::string> open(saved.begin(), saved.end());
    while (!open.empty()) {
        const auto name = std::move(open.back());
        open.pop_back();
        const auto found = contents_.find(name);
        if (found == contents_.end()) {
            continue;
        }
        for (const auto& inside : found->second) {
            if (saved.insert(inside).second) {
                open.push_back(inside);
            }
        }
    }
    std::vector<Finding> findings;
    for (const auto& one : made_) {
        if (!saved.contains(one.name)) {
            findings.push_back(
                {4, one.where, one.line,
                 fmt::format("{}: random feedback matrices that nothing here saves; register_buffer "
                             "them, or save them with the checkpoint",
                             one.name)});
        }
    }
    return findings;
}

} // namespace fa::reporting
