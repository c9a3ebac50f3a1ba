#include "aggregation/strategy_evaluation.hpp"

#include "aggregation/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fa::aggregation {
namespace {

using Axis = Strategy::Axis;
using Form = Strategy::Form;
using Reducer = Strategy::Reducer;

template <typename Number>
void check_sizes(const BasicGammaView<Number>& view)
{
    const auto samples = static_cast<std::size_t>(view.batches * view.batch_size);
    const auto per_batch = static_cast<std::size_t>(view.batches * view.layers);
    const auto fits = [](std::span<const Number> values, std::size_t size) {
        return values.empty() || values.size() == size;
    };
    if (!fits(view.samples, samples * static_cast<std::size_t>(view.layers)) || !fits(view.concat, samples) ||
        !fits(view.batchvec, per_batch) || !fits(view.flat, per_batch) || !fits(view.batch_mean, per_batch) ||
        !fits(view.batch_median, per_batch) || !fits(view.batch_iqm, per_batch) ||
        !fits(view.batch_angle, per_batch) || !fits(view.batch_count, per_batch)) {
        throw std::invalid_argument("a span of a GammaView doesn't have the size its axes say");
    }
}

/// Per layer the mean over all samples from each batch's mean and count, both [batches, L+1].
template <typename Number>
void pool_batches(std::span<const Number> batch_means, std::span<const Number> counts, std::span<double> to)
{
    const auto layers = to.size();
    for (std::size_t layer = 0; layer < layers; ++layer) {
        double sum = 0, defined = 0;
        for (std::size_t i = layer; i < batch_means.size(); i += layers) {
            const auto count = static_cast<double>(counts[i]);
            if (count > 0) {
                sum += static_cast<double>(batch_means[i]) * count;
                defined += count;
            }
        }
        to[layer] = defined > 0 ? sum / defined : undefined;
    }
}

StrategyNode* child_of(StrategyNode& node, Axis axis, Reducer reducer)
{
    for (auto& branch : node.branches) {
        if (branch.axis == axis) {
            return branch.by_reducer[static_cast<std::size_t>(reducer)].get();
        }
    }
    return nullptr;
}

void to_cosines(std::span<double> angles)
{
    std::transform(angles.begin(), angles.end(), angles.begin(),
                   [](double angle) { return std::cos(angle); });
}

} // namespace

double angle_of(double cosine)
{
    return std::isnan(cosine) ? undefined : std::acos(std::clamp(cosine, -1.0, 1.0));
}

StrategyEvaluation::StrategyEvaluation(std::span<const Strategy> strategies)
    : tree_(strategies), layer_means_(&tree_.root(Form::gamma).after({Axis::pooled, Reducer::mean})),
      values_(strategies.size())
{
}

template <typename Number>
Evaluated StrategyEvaluation::operator()(const BasicGammaView<Number>& view) &
{
    check_sizes(view);
    std::fill(values_.begin(), values_.end(), undefined);
    layer_means_->values.assign(static_cast<std::size_t>(view.layers), undefined);
    if (view.samples.empty()) {
        evaluate_batches(view);
    } else {
        evaluate_samples(view);
    }
    evaluate_vector_forms(view);
    return {values_, layer_means_->values};
}

template <typename Number>
void StrategyEvaluation::evaluate_samples(const BasicGammaView<Number>& view)
{
    const auto layers = static_cast<std::size_t>(view.layers);
    const GammaArray<Number> samples{
        layers, static_cast<std::size_t>(view.batches), static_cast<std::size_t>(view.batch_size),
        layer_major(view.samples, layers, std::get<std::vector<Number>>(columns_))};
    tree_.evaluate(samples, tree_.root(Form::gamma), values_);
    auto& angle = tree_.root(Form::angle);
    if (angle.branches.empty()) {
        return;
    }
    angles_.resize(samples.values.size());
    std::transform(samples.values.begin(), samples.values.end(), angles_.begin(),
                   [](Number cosine) { return angle_of(static_cast<double>(cosine)); });
    angle.values.resize(layers);
    reduce<double>({angles_, layers, samples.batches * samples.samples, 1}, {angle.values, {}, {}},
                   tree_.memory<double>());
    to_cosines(angle.values);
    tree_.evaluate(GammaArray<double>{layers, 1, 1, angle.values}, angle, values_);
}

/// `--keep batches`: what follows from each batch's mean, median, iqm, angle and count.
template <typename Number>
void StrategyEvaluation::evaluate_batches(const BasicGammaView<Number>& view)
{
    const auto layers = static_cast<std::size_t>(view.layers);
    auto& columns = std::get<std::vector<Number>>(columns_);
    auto& gamma = tree_.root(Form::gamma);
    if (!view.batch_mean.empty() && !view.batch_count.empty()) {
        pool_batches(view.batch_mean, view.batch_count, std::span(layer_means_->values));
        tree_.evaluate(GammaArray<double>{layers, 1, 1, layer_means_->values}, *layer_means_, values_);
    }
    for (const auto& [reducer, kept] : {std::pair{Reducer::mean, view.batch_mean},
                                        {Reducer::median, view.batch_median},
                                        {Reducer::iqm, view.batch_iqm}}) {
        auto* const after = child_of(gamma, Axis::samples, reducer);
        if (after != nullptr && !kept.empty()) {
            const auto values = layer_major(kept, layers, columns);
            tree_.evaluate(GammaArray<Number>{layers, static_cast<std::size_t>(view.batches), 1, values},
                           *after, values_);
        }
    }
    auto& angle = tree_.root(Form::angle);
    if (!angle.branches.empty() && !view.batch_angle.empty() && !view.batch_count.empty()) {
        angle.values.resize(layers);
        pool_batches(view.batch_angle, view.batch_count, std::span(angle.values));
        to_cosines(angle.values);
        tree_.evaluate(GammaArray<double>{layers, 1, 1, angle.values}, angle, values_);
    }
}

template <typename Number>
void StrategyEvaluation::evaluate_vector_forms(const BasicGammaView<Number>& view)
{
    const auto layers = static_cast<std::size_t>(view.layers);
    const auto batches = static_cast<std::size_t>(view.batches);
    auto& columns = std::get<std::vector<Number>>(columns_);
    for (const auto& [form, vectors] : {std::pair{Form::batchvec, view.batchvec}, {Form::flat, view.flat}}) {
        if (!vectors.empty()) {
            const auto values = layer_major(vectors, layers, columns);
            tree_.evaluate(GammaArray<Number>{layers, batches, 1, values}, tree_.root(form), values_);
        }
    }
    if (!view.concat.empty()) {
        tree_.evaluate(GammaArray<Number>{1, batches, static_cast<std::size_t>(view.batch_size), view.concat},
                       tree_.root(Form::concat), values_);
    }
}

template Evaluated StrategyEvaluation::operator()(const GammaView&) &;
template Evaluated StrategyEvaluation::operator()(const FreshGammaView&) &;

} // namespace fa::aggregation
