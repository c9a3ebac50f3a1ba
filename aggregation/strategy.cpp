/// The text of strategies; their values are in strategy_value.cpp.
#include "aggregation/strategy.hpp"

#include "aggregation/join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fa::aggregation {
namespace {

using Form = Strategy::Form;
using Axis = Strategy::Axis;
using Reducer = Strategy::Reducer;

template <typename Value, std::size_t size>
using Words = std::array<std::pair<std::string_view, Value>, size>;

constexpr Words<Form, 4> forms{
    {{"batchvec", Form::batchvec}, {"flat", Form::flat}, {"concat", Form::concat}, {"angle", Form::angle}}};
constexpr Words<Axis, 5> axes{{{"samples", Axis::samples},
                               {"batches", Axis::batches},
                               {"pooled", Axis::pooled},
                               {"layers", Axis::layers},
                               {"blocks", Axis::blocks}}};
constexpr Words<Reducer, 3> reducers{
    {{"mean", Reducer::mean}, {"median", Reducer::median}, {"iqm", Reducer::iqm}}};

template <typename Value, std::size_t size>
std::optional<Value> find(const Words<Value, size>& words, std::string_view word)
{
    for (const auto& [name, value] : words) {
        if (name == word) {
            return value;
        }
    }
    return std::nullopt;
}

template <typename Value, std::size_t size>
std::string list(const Words<Value, size>& words)
{
    std::string text;
    for (const auto& [name, value] : words) {
        add_word(text, ", ", name);
    }
    return text;
}

std::string_view trimmed(std::string_view word)
{
    const auto first = word.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return word.substr(first, word.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text)
{
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find(',', begin), text.size());
        words.push_back(trimmed(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return words;
}

[[noreturn]] void fail(std::string_view strategy, const std::string& message)
{
    throw std::invalid_argument(fmt::format("strategy '{}': {}", strategy, message));
}

Strategy::Step step_from(std::string_view word, std::string_view strategy)
{
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) {
        if (find(forms, word)) {
            fail(strategy, fmt::format("the form '{}' must be the first word, and there is only one", word));
        }
        fail(strategy, fmt::format("'{}' is neither a form ({}; first word) nor a step AXIS=REDUCER", word,
                                   list(forms)));
    }
    const auto axis_name = trimmed(word.substr(0, equals));
    const auto reducer_name = trimmed(word.substr(equals + 1));
    const auto axis = find(axes, axis_name);
    if (!axis) {
        fail(strategy, fmt::format("unknown axis '{}' (there are {})", axis_name, list(axes)));
    }
    const auto reducer = find(reducers, reducer_name);
    if (!reducer) {
        fail(strategy, fmt::format("unknown reducer '{}' (there are {})", reducer_name, list(reducers)));
    }
    return {*axis, *reducer};
}

/// The axes that a form leaves, then that steps take away.
struct Remaining {
    std::map<std::string_view, bool> axes{{"batches", true}, {"samples", true}, {"layers", true}};

    explicit Remaining(Form form)
    {
        axes["samples"] = form == Form::gamma || form == Form::concat;
        axes["batches"] = form != Form::angle;
        axes["layers"] = form != Form::concat;
    }

    void take(Axis axis, std::string_view strategy)
    {
        for (const auto part : parts(axis)) {
            if (!std::exchange(axes[part], false)) {
                fail(strategy, fmt::format("the {} are reduced twice", part));
            }
        }
    }

    static std::vector<std::string_view> parts(Axis axis)
    {
        switch (axis) {
        case Axis::samples:
            return {"samples"};
        case Axis::batches:
            return {"batches"};
        case Axis::pooled:
            return {"samples", "batches"};
        case Axis::layers:
        case Axis::blocks:
            break;
        }
        return {"layers"};
    }
};

template <typename Value, std::size_t size>
std::string_view name_of(const Words<Value, size>& words, Value value)
{
    for (const auto& [name, candidate] : words) {
        if (candidate == value) {
            return name;
        }
    }
    return {};
}

std::string spell(Form form, const std::vector<Strategy::Step>& steps)
{
    std::string text(name_of(forms, form));
    for (const auto& step : steps) {
        add_word(text, ",", name_of(axes, step.axis));
        text.append("=").append(name_of(reducers, step.reducer));
    }
    return text;
}

} // namespace

Strategy::Strategy(std::string_view text)
{
    auto words = split(text);
    if (const auto form = find(forms, words.front())) {
        form_ = *form;
        words.erase(words.begin());
    }
    Remaining remaining(form_);
    for (const auto word : words) {
        steps_.push_back(step_from(word, text));
        remaining.take(steps_.back().axis, text);
    }
    for (const auto& [axis, left] : remaining.axes) {
        if (left) {
            fail(text, fmt::format("the {0} are left unreduced; add a step, e.g. '{0}=mean'", axis));
        }
    }
    text_ = spell(form_, steps_);
}

std::vector<Strategy> default_strategies()
{
    static constexpr std::array texts{
        "pooled=mean,layers=mean",
        "pooled=mean,layers=median",
        "pooled=median,layers=mean",
        "pooled=median,layers=median",
        "layers=mean,pooled=median",
        "layers=median,pooled=mean",
        "samples=mean,batches=median,layers=mean",
        "samples=median,batches=mean,layers=mean",
        "pooled=iqm,layers=mean",
        "batchvec,batches=mean,layers=mean",
        "flat,batches=mean,layers=mean",
        "concat,pooled=mean",
        "angle,layers=mean",
        "pooled=mean,blocks=mean",
    };
    std::vector<Strategy> strategies;
    for (const auto* text : texts) {
        strategies.emplace_back(text);
    }
    return strategies;
}

} // namespace fa::aggregation
