#include "models/fitting.hpp"

#include "models/checkpoint.hpp"
#include "models/shown.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace fa::models {
namespace {

/// n of "blocks.<n>.…", or of "feedback.<n>" with an empty rest.
std::optional<std::int64_t> index_behind(std::string_view name, std::string_view prefix, bool whole)
{
    if (!name.starts_with(prefix))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    std::int64_t index = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), index);
    const auto digits = static_cast<std::size_t>(end - name.data());
    constexpr std::int64_t deepest =
        100'000; // a name is data: it can't make us list a billion missing tensors
    const bool one_spelling = digits == std::to_string(index).size();
    const bool ends_well = whole ? digits == name.size() : digits < name.size() && name[digits] == '.';
    if (problem != std::errc() || index < 0 || index > deepest || !one_spelling || !ends_well)
        return std::nullopt;
    return index;
}

bool is_feedback(std::string_view name)
{
    return index_behind(name, "feedback.", true).has_value();
}

/// The wrappers' prefixes that all names share.
std::string wrapper_prefix(const Tensors& tensors)
{
    std::string prefix;
    const auto all_have = [&](const std::string& longer) {
        bool any = false;
        for (const auto& [name, tensor] : tensors) {
            if (is_feedback(name))
                continue;
            if (!name.starts_with(longer))
                return false;
            any = true;
        }
        return any;
    };
    for (bool grown = true; std::exchange(grown, false);)
        for (const auto* wrapper : {"module.", "_orig_mod."})
            if (all_have(prefix + wrapper)) {
                prefix += wrapper;
                grown = true;
            }
    return prefix;
}

std::string shown_expected(const Shape& expected)
{
    std::string text = "[";
    for (const auto size : expected)
        text += (text.size() > 1 ? ", " : "") + (size == 0 ? "*" : std::to_string(size));
    return text + "]";
}

bool fits(const at::Tensor& tensor, const Shape& expected)
{
    return std::equal(tensor.sizes().begin(), tensor.sizes().end(), expected.begin(), expected.end(),
                      [](auto size, auto wanted) { return wanted == 0 ? size > 0 : size == wanted; });
}

} // namespace

Spellings spelled(const std::string& front, const Spellings& middles, const std::string& back)
{
    Spellings names;
    for (const auto& middle : middles)
        names.push_back(front + middle + back);
    return names;
}

Fitting::Fitting(const Tensors& tensors, std::string network)
    : tensors_(tensors), network_(std::move(network)), prefix_(wrapper_prefix(tensors))
{
    for (const auto& [name, tensor] : tensors)
        if (tensor.is_floating_point() && tensor.element_size() > 1) // float8 promotes to nothing
            precision_ = c10::promoteTypes(precision_, tensor.scalar_type());
}

std::vector<std::string> Fitting::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_)
        if (!is_feedback(name) && !is_feedback(name.substr(prefix_.size())))
            names.push_back(name.substr(prefix_.size()));
    return names;
}

std::int64_t Fitting::count(std::string_view prefix) const
{
    std::int64_t count = 0;
    for (const auto& name : names())
        if (const auto index = index_behind(name, prefix, false))
            count = std::max(count, *index + 1);
    return count;
}

Tensors::const_iterator Fitting::found(const Spellings& name) const
{
    for (const auto& spelling : name)
        if (const auto entry = tensors_.find(prefix_ + spelling); entry != tensors_.end())
            return entry;
    return tensors_.end();
}

bool Fitting::has(const Spellings& name) const
{
    return found(name) != tensors_.end();
}

at::Tensor Fitting::peek(const Spellings& name) const
{
    const auto entry = found(name);
    return entry == tensors_.end() ? at::Tensor() : entry->second;
}

std::int64_t Fitting::axis(const Spellings& name, std::int64_t axes, std::int64_t which) const
{
    const auto tensor = peek(name);
    return tensor.defined() && tensor.dim() == axes ? tensor.size(which) : 0;
}

at::Tensor Fitting::take(const Spellings& name, const Shape& expected)
{
    const auto entry = found(name);
    if (entry == tensors_.end()) {
        complain("tensor " + shown(prefix_ + name.front()) + " is missing (expected " +
                 shown_expected(expected) + ")");
        return {};
    }
    const auto& [spelling, tensor] = *entry;
    taken_.insert(spelling);
    const bool fitting = fits(tensor, expected);
    if (!fitting)
        complain("tensor " + shown(spelling) + " has shape " + shown(tensor.sizes()) + " where " +
                 shown_expected(expected) + " was expected");
    if (!tensor.is_floating_point())
        complain("tensor " + shown(spelling) + " holds " + c10::toString(tensor.scalar_type()) +
                 " where a floating type was expected");
    return fitting && tensor.is_floating_point() ? tensor.to(precision_) : at::Tensor();
}

void Fitting::complain(const std::string& problem)
{
    problems_.push_back(problem);
}

void Fitting::finish() const
{
    constexpr std::size_t most_shown = 6;
    auto problems = problems_;
    for (const auto& [name, tensor] : tensors_)
        if (!taken_.contains(name) && !is_feedback(name) && !is_feedback(name.substr(prefix_.size())))
            problems.push_back("tensor " + shown(name) + " " + shown(tensor.sizes()) + " is left over");
    const bool left_over = problems.size() > problems_.size();
    if (problems.empty())
        return;
    std::string message = "not " + network_ + ": ";
    for (std::size_t i = 0; i < std::min(problems.size(), most_shown); ++i)
        message += (i == 0 ? "" : "; ") + problems[i];
    if (problems.size() > most_shown)
        message += "; and " + std::to_string(problems.size() - most_shown) + " more";
    if (left_over)
        message +=
            " (feedback matrices of other names: feedback=stored:PATTERN as in stored:blocks.{l}.B; what the "
            "network never computes with: ignore=NAME, where * is any part)";
    throw CheckpointError(message);
}

namespace {

/// The one spelling whose weight is there: a bias that is missing is missing under it.
Spellings as_spelled(const Fitting& fitting, const Spellings& name)
{
    for (const auto& spelling : name)
        if (fitting.has({spelling + ".weight"}))
            return {spelling};
    return name;
}

} // namespace

Affine take_linear(Fitting& fitting, const Spellings& name, std::int64_t outputs, std::int64_t inputs,
                   Bias bias)
{
    const auto spelling = as_spelled(fitting, name);
    auto weight = fitting.take(spelled("", spelling, ".weight"), {outputs, inputs});
    if (bias == Bias::none)
        return {std::move(weight), {}};
    return {std::move(weight), fitting.take(spelled("", spelling, ".bias"), {outputs})};
}

Affine take_norm(Fitting& fitting, const Spellings& name, std::int64_t width)
{
    const auto spelling = as_spelled(fitting, name);
    auto weight = fitting.take(spelled("", spelling, ".weight"), {width});
    return {std::move(weight), fitting.take(spelled("", spelling, ".bias"), {width})};
}

at::Tensor linear(const Affine& affine, const at::Tensor& x)
{
    return at::linear(x, affine.weight, affine.bias);
}

at::Tensor layer_norm(const Affine& affine, const at::Tensor& x, double eps)
{
    return at::layer_norm(x, {x.size(-1)}, affine.weight, affine.bias, eps);
}

} // namespace fa::models
