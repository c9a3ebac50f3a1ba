#include "aggregation/strategy_tree.hpp"

#include <algorithm>

namespace fa::aggregation {

using Axis = Strategy::Axis;

StrategyNode& StrategyNode::after(Strategy::Step step)
{
    auto found = std::find_if(branches.begin(), branches.end(),
                              [&](const Branch& branch) { return branch.axis == step.axis; });
    if (found == branches.end()) {
        found = branches.insert(branches.end(), Branch{step.axis, {}});
    }
    auto& child = found->by_reducer[static_cast<std::size_t>(step.reducer)];
    if (!child) {
        child = std::make_unique<StrategyNode>();
    }
    return *child;
}

Reductions StrategyNode::room(Branch& branch, std::size_t numbers)
{
    const auto room_of = [&](Strategy::Reducer reducer) -> std::span<double> {
        const auto& child = branch.by_reducer[static_cast<std::size_t>(reducer)];
        if (!child) {
            return {};
        }
        child->values.resize(numbers);
        return child->values;
    };
    return {room_of(Strategy::Reducer::mean), room_of(Strategy::Reducer::median),
            room_of(Strategy::Reducer::iqm)};
}

StrategyTree::StrategyTree(std::span<const Strategy> strategies)
{
    for (std::size_t i = 0; i < strategies.size(); ++i) {
        auto* node = &root(strategies[i].form());
        for (const auto& step : strategies[i].steps()) {
            node = &node->after(step);
        }
        node->ends.push_back(i);
    }
}

template <typename Number>
void StrategyTree::evaluate(const GammaArray<Number>& array, StrategyNode& node, std::span<double> values)
{
    for (const auto strategy : node.ends) {
        values[strategy] = static_cast<double>(array.values.front());
    }
    for (auto& branch : node.branches) {
        if (lacks_a_layer(branch.axis, array)) {
            continue;
        }
        auto left = shape_after(branch.axis, array);
        const auto to = StrategyNode::room(branch, left.layers * left.batches * left.samples);
        reduce(block_along(branch.axis, array), to, memory<Number>());
        for (const auto& child : branch.by_reducer) {
            if (child) {
                left.values = child->values;
                evaluate(left, *child, values);
            }
        }
    }
}

template <typename Number>
Block<Number> block_along(Axis axis, const GammaArray<Number>& array)
{
    switch (axis) {
    case Axis::samples:
        return {array.values, array.layers * array.batches, array.samples, 1};
    case Axis::batches:
        return {array.values, array.layers, array.batches, array.samples};
    case Axis::pooled:
        return {array.values, array.layers, array.batches * array.samples, 1};
    case Axis::layers:
        return {array.values, 1, array.layers, array.batches * array.samples};
    case Axis::blocks:
        break;
    }
    const auto rows = array.batches * array.samples;
    return {array.values.subspan(rows), 1, array.layers - 1, rows};
}

template <typename Number>
GammaArray<double> shape_after(Axis axis, const GammaArray<Number>& array)
{
    GammaArray<double> left{array.layers, array.batches, array.samples, {}};
    if (axis == Axis::samples || axis == Axis::pooled) {
        left.samples = 1;
    }
    if (axis == Axis::batches || axis == Axis::pooled) {
        left.batches = 1;
    }
    if (axis == Axis::layers || axis == Axis::blocks) {
        left.layers = 1;
    }
    return left;
}

template <typename Number>
bool lacks_a_layer(Axis axis, const GammaArray<Number>& array)
{
    if (axis != Axis::layers && axis != Axis::blocks) {
        return false;
    }
    const std::size_t first = axis == Axis::layers ? 0 : 1;
    const auto rows = array.batches * array.samples;
    for (auto layer = first; layer < array.layers; ++layer) {
        const auto values = array.values.subspan(layer * rows, rows);
        if (std::all_of(values.begin(), values.end(), [](Number value) { return value != value; })) {
            return true;
        }
    }
    return array.layers <= first;
}

template <typename Number>
std::span<const Number> layer_major(std::span<const Number> values, std::size_t layers,
                                    std::vector<Number>& memory)
{
    memory.resize(values.size());
    const auto rows = values.size() / layers;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        Number* const to = memory.data() + layer * rows;
        for (std::size_t row = 0; row < rows; ++row) {
            to[row] = values[row * layers + layer];
        }
    }
    return memory;
}

#define FA_FOR(Number)                                                                                       \
    template void StrategyTree::evaluate(const GammaArray<Number>&, StrategyNode&, std::span<double>);       \
    template Block<Number> block_along(Axis, const GammaArray<Number>&);                                     \
    template GammaArray<double> shape_after(Axis, const GammaArray<Number>&);                                \
    template bool lacks_a_layer(Axis, const GammaArray<Number>&);                                            \
    template std::span<const Number> layer_major(std::span<const Number>, std::size_t, std::vector<Number>&);
FA_FOR(float)
FA_FOR(double)
#undef FA_FOR

} // namespace fa::aggregation
