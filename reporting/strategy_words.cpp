#include "reporting/strategy_words.hpp"

#include "aggregation/join.hpp"

namespace fa::reporting {
namespace {

using aggregation::Strategy;

std::string reducer(Strategy::Reducer reducer)
{
    switch (reducer) {
    case Strategy::Reducer::mean:
        return "mean";
    case Strategy::Reducer::median:
        return "median";
    case Strategy::Reducer::iqm:
        return "interquartile mean";
    }
    return "";
}

std::string axis(Strategy::Axis axis)
{
    switch (axis) {
    case Strategy::Axis::samples:
        return "the samples of each batch";
    case Strategy::Axis::batches:
        return "the batches";
    case Strategy::Axis::pooled:
        return "the samples of all batches";
    case Strategy::Axis::layers:
        return "layers 0 … L";
    case Strategy::Axis::blocks:
        return "layers 1 … L";
    }
    return "";
}

std::string form(Strategy::Form form)
{
    switch (form) {
    case Strategy::Form::gamma:
        return "";
    case Strategy::Form::batchvec:
        return "cosine of the vectors summed over each batch";
    case Strategy::Form::flat:
        return "cosine of each batch flattened to one vector";
    case Strategy::Form::concat:
        return "cosine of all layers concatenated, per sample";
    case Strategy::Form::angle:
        return "cosine of the mean angle over the samples of all batches";
    }
    return "";
}

} // namespace

std::string in_words(const Strategy& strategy)
{
    auto words = form(strategy.form());
    for (const auto& step : strategy.steps()) {
        aggregation::add_word(words, ", then ", reducer(step.reducer) + " over " + axis(step.axis));
    }
    return words;
}

} // namespace fa::reporting
