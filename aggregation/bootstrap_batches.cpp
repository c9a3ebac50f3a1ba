/// The bootstrap over evaluation batches. A strategy's steps inside a batch don't depend on which batches are
/// drawn: they are done once. What its first step across batches reduces is kept sorted (BatchColumn), so
/// that a replicate costs microseconds.
#include "aggregation/batch_column.hpp"
#include "aggregation/bootstrap.hpp"
#include "aggregation/statistics.hpp"
#include "aggregation/strategy_evaluation.hpp"
#include "aggregation/strategy_tree.hpp"

#include <algorithm>
#include <cmath>

namespace fa::aggregation {
namespace {

using Axis = Strategy::Axis;
using Form = Strategy::Form;
using Reducer = Strategy::Reducer;

/// Which batches have a defined value in a layer that was reduced over before the batches were: a replicate
/// that draws none of them lacks the layer.
using DefinedIn = std::vector<bool>;

/// A step across batches, with what it reduces.
struct Crossing {
    StrategyNode::Branch* branch; ///< nullptr: the mean angle, whose cosine the form starts from
    GammaArray<double> left;      ///< axes behind it
    std::vector<BatchColumn> columns;
    std::vector<DefinedIn> needed;
};

class BatchBootstrap {
  public:
    BatchBootstrap(std::span<const Strategy> strategies, const GammaView& view);
    /// The strategies' values where batch b was drawn times[b] times.
    void evaluate(std::span<const std::uint32_t> times, std::span<double> values);

  private:
    void prepare(const GammaArray<double>& array, StrategyNode& node, const std::vector<DefinedIn>& needed);
    void prepare_angle(const GammaArray<double>& samples);
    Crossing crossing(Axis axis, const GammaArray<double>& array) const;
    void cross(const Crossing& crossing, std::span<const std::uint32_t> times, std::span<double> values);

    StrategyTree tree_;
    std::vector<Crossing> crossings_;
};

std::vector<DefinedIn> defined_by_layer(const GammaArray<double>& array, std::size_t first_layer)
{
    std::vector<DefinedIn> layers;
    for (auto layer = first_layer; layer < array.layers; ++layer) {
        DefinedIn defined;
        for (std::size_t batch = 0; batch < array.batches; ++batch) {
            const auto values =
                array.values.subspan((layer * array.batches + batch) * array.samples, array.samples);
            defined.push_back(
                std::any_of(values.begin(), values.end(), [](double value) { return !std::isnan(value); }));
        }
        layers.push_back(std::move(defined));
    }
    return layers;
}

bool is_drawn(const DefinedIn& defined, std::span<const std::uint32_t> times)
{
    for (std::size_t batch = 0; batch < times.size(); ++batch) {
        if (defined[batch] && times[batch] > 0) {
            return true;
        }
    }
    return false;
}

BatchBootstrap::BatchBootstrap(std::span<const Strategy> strategies, const GammaView& view)
    : tree_(strategies)
{
    const auto layers = static_cast<std::size_t>(view.layers);
    const auto batches = static_cast<std::size_t>(view.batches);
    const auto samples = static_cast<std::size_t>(view.batch_size);
    std::vector<double> columns;
    if (!view.samples.empty()) {
        const GammaArray<double> array{layers, batches, samples, layer_major(view.samples, layers, columns)};
        prepare(array, tree_.root(Form::gamma), {});
        prepare_angle(array);
    }
    for (const auto& [form, vectors] : {std::pair{Form::batchvec, view.batchvec}, {Form::flat, view.flat}}) {
        if (!vectors.empty()) {
            prepare({layers, batches, 1, layer_major(vectors, layers, columns)}, tree_.root(form), {});
        }
    }
    if (!view.concat.empty()) {
        prepare({1, batches, samples, view.concat}, tree_.root(Form::concat), {});
    }
}

void BatchBootstrap::prepare(const GammaArray<double>& array, StrategyNode& node,
                             const std::vector<DefinedIn>& needed)
{
    for (auto& branch : node.branches) {
        if (branch.axis == Axis::pooled || branch.axis == Axis::batches) {
            crossings_.push_back(crossing(branch.axis, array));
            crossings_.back().branch = &branch;
            crossings_.back().needed = needed;
            continue;
        }
        if (lacks_a_layer(branch.axis, array)) {
            continue; // whatever is drawn
        }
        auto needed_after = needed;
        if (branch.axis != Axis::samples) {
            auto more = defined_by_layer(array, branch.axis == Axis::layers ? 0 : 1);
            needed_after.insert(needed_after.end(), more.begin(), more.end());
        }
        auto left = shape_after(branch.axis, array);
        reduce(block_along(branch.axis, array),
               StrategyNode::room(branch, left.layers * left.batches * left.samples), tree_.memory<double>());
        for (const auto& child : branch.by_reducer) {
            if (child) {
                left.values = child->values;
                prepare(left, *child, needed_after);
            }
        }
    }
}

void BatchBootstrap::prepare_angle(const GammaArray<double>& samples)
{
    if (tree_.root(Form::angle).branches.empty()) {
        return;
    }
    std::vector<double> angles(samples.values.size());
    std::transform(samples.values.begin(), samples.values.end(), angles.begin(), angle_of);
    auto array = samples;
    array.values = angles;
    crossings_.push_back(crossing(Axis::pooled, array));
}

Crossing BatchBootstrap::crossing(Axis axis, const GammaArray<double>& array) const
{
    Crossing made{nullptr, shape_after(axis, array), {}, {}};
    const auto block = block_along(axis, array);
    std::vector<double> column(block.count);
    for (std::size_t o = 0; o < block.outer; ++o) {
        for (std::size_t i = 0; i < block.inner; ++i) {
            for (std::size_t n = 0; n < block.count; ++n) {
                column[n] = block.values[(o * block.count + n) * block.inner + i];
            }
            made.columns.emplace_back(column, array.batches);
        }
    }
    return made;
}

void BatchBootstrap::evaluate(std::span<const std::uint32_t> times, std::span<double> values)
{
    std::fill(values.begin(), values.end(), undefined);
    for (const auto& crossing : crossings_) {
        if (std::all_of(crossing.needed.begin(), crossing.needed.end(),
                        [&](const DefinedIn& layer) { return is_drawn(layer, times); })) {
            cross(crossing, times, values);
        }
    }
}

void BatchBootstrap::cross(const Crossing& crossing, std::span<const std::uint32_t> times,
                           std::span<double> values)
{
    const auto& columns = crossing.columns;
    auto left = crossing.left;
    if (crossing.branch == nullptr) {
        auto& angle = tree_.root(Form::angle);
        angle.values.resize(columns.size());
        std::transform(columns.begin(), columns.end(), angle.values.begin(),
                       [&](const BatchColumn& column) { return std::cos(column.mean(times)); });
        left.values = angle.values;
        tree_.evaluate(left, angle, values);
        return;
    }
    const auto to = StrategyNode::room(*crossing.branch, columns.size());
    const auto fill = [&](std::span<double> place,
                          double (BatchColumn::*reduced)(std::span<const std::uint32_t>) const) {
        for (std::size_t i = 0; i < place.size(); ++i) {
            place[i] = (columns[i].*reduced)(times);
        }
    };
    fill(to.mean, &BatchColumn::mean);
    fill(to.median, &BatchColumn::median);
    fill(to.iqm, &BatchColumn::interquartile_mean);
    for (const auto& child : crossing.branch->by_reducer) {
        if (child) {
            left.values = child->values;
            tree_.evaluate(left, *child, values);
        }
    }
}

} // namespace

std::vector<Replicates> over_batches(std::span<const Strategy> strategies, const GammaView& view,
                                     std::size_t replicates)
{
    BatchBootstrap bootstrap(strategies, view);
    const auto batches = static_cast<std::size_t>(view.batches);
    std::vector<Replicates> result(strategies.size(), Replicates(replicates));
    std::vector<double> values(strategies.size());
    std::vector<std::uint32_t> times(batches);
    for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
        std::fill(times.begin(), times.end(), 0U);
        for (const auto batch : resampled(replicate, Factor::batches, batches)) {
            ++times[batch];
        }
        bootstrap.evaluate(times, values);
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            result[i][replicate] = values[i];
        }
    }
    return result;
}

} // namespace fa::aggregation
