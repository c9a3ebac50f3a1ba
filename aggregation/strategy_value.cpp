/// The value of a strategy on one Γ[batch, sample, layer].
#include "aggregation/statistics.hpp"
#include "aggregation/strategy.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fa::aggregation {
namespace {

using Form = Strategy::Form;
using Axis = Strategy::Axis;
using Reducer = Strategy::Reducer;

/// Γ with the axes that are left, row major; a reduced axis has size 1.
struct Array {
    std::size_t batches = 1;
    std::size_t samples = 1;
    std::size_t layers = 1;
    std::vector<double> own;        ///< what a step made; empty while the caller's memory is looked at
    std::span<const double> values; ///< [batches, samples, layers]

    void assign(std::vector<double> made)
    {
        own = std::move(made);
        values = own;
    }
};

std::vector<double> means(std::span<const double> values, std::size_t outer, std::size_t count,
                          std::size_t inner)
{
    std::vector<double> result(outer * inner, 0.0);
    std::vector<double> defined(inner);
    for (std::size_t o = 0; o < outer; ++o) {
        std::fill(defined.begin(), defined.end(), 0.0);
        double* const sums = result.data() + o * inner;
        const double* row = values.data() + o * count * inner;
        for (std::size_t n = 0; n < count; ++n, row += inner) {
            for (std::size_t i = 0; i < inner; ++i) {
                const bool is_defined = row[i] == row[i];
                sums[i] += is_defined ? row[i] : 0.0;
                defined[i] += is_defined ? 1.0 : 0.0;
            }
        }
        for (std::size_t i = 0; i < inner; ++i) {
            sums[i] = defined[i] > 0 ? sums[i] / defined[i] : undefined;
        }
    }
    return result;
}

/// Reduces the middle axis of values[outer, count, inner].
std::vector<double> reduced(std::span<const double> values, std::size_t outer, std::size_t count,
                            std::size_t inner, Reducer reducer)
{
    if (reducer == Reducer::mean) {
        return means(values, outer, count, inner);
    }
    std::vector<double> result(outer * inner);
    std::vector<double> column(count);
    for (std::size_t o = 0; o < outer; ++o) {
        for (std::size_t i = 0; i < inner; ++i) {
            const double* value = values.data() + o * count * inner + i;
            std::size_t defined = 0;
            for (std::size_t n = 0; n < count; ++n, value += inner) {
                column[defined] = *value;
                defined += *value == *value ? 1U : 0U;
            }
            const std::span<double> kept(column.data(), defined);
            result[o * inner + i] =
                reducer == Reducer::median ? median_in_place(kept) : interquartile_mean_in_place(kept);
        }
    }
    return result;
}

/// A layer without a single defined value: then a strategy over layers is N/A rather than a mean over fewer.
bool some_layer_is_undefined(const Array& array, std::size_t first_layer)
{
    const auto rows = array.batches * array.samples;
    for (std::size_t layer = first_layer; layer < array.layers; ++layer) {
        std::size_t row = 0;
        while (row < rows && std::isnan(array.values[row * array.layers + layer])) {
            ++row;
        }
        if (row == rows) {
            return true;
        }
    }
    return false;
}

/// Reduces layers first_layer … L. @returns false where that is undefined
bool reduce_layers(Array& array, std::size_t first_layer, Reducer reducer)
{
    if (array.layers <= first_layer || some_layer_is_undefined(array, first_layer)) {
        return false;
    }
    const auto rows = array.batches * array.samples;
    if (first_layer == 0) {
        array.assign(reduced(array.values, rows, array.layers, 1, reducer));
    } else {
        const auto blocks = array.layers - first_layer;
        std::vector<double> kept(rows * blocks);
        for (std::size_t row = 0; row < rows; ++row) {
            std::copy_n(array.values.data() + row * array.layers + first_layer, blocks,
                        kept.data() + row * blocks);
        }
        array.assign(reduced(kept, rows, blocks, 1, reducer));
    }
    array.layers = 1;
    return true;
}

/// Applies one step. @returns false where the result is undefined
bool apply(Array& array, Strategy::Step step)
{
    switch (step.axis) {
    case Axis::samples:
        array.assign(reduced(array.values, array.batches, array.samples, array.layers, step.reducer));
        array.samples = 1;
        return true;
    case Axis::batches:
        array.assign(reduced(array.values, 1, array.batches, array.samples * array.layers, step.reducer));
        array.batches = 1;
        return true;
    case Axis::pooled:
        array.assign(reduced(array.values, 1, array.batches * array.samples, array.layers, step.reducer));
        array.batches = array.samples = 1;
        return true;
    case Axis::layers:
        return reduce_layers(array, 0, step.reducer);
    case Axis::blocks:
        break;
    }
    return reduce_layers(array, 1, step.reducer);
}

/// Per layer the mean angle's cosine over the pooled samples.
std::vector<double> mean_angle(std::span<const double> gamma, std::size_t samples, std::size_t layers)
{
    std::vector<double> angles(gamma.size());
    std::transform(gamma.begin(), gamma.end(), angles.begin(), [](double value) {
        return std::isnan(value) ? undefined : std::acos(std::clamp(value, -1.0, 1.0));
    });
    auto result = means(angles, 1, samples, layers);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](double angle) { return std::cos(angle); });
    return result;
}

/// Per layer the mean over all samples from each batch's mean and count.
std::vector<double> pooled_from_batches(std::span<const double> batch_means, std::span<const double> counts,
                                        std::size_t layers)
{
    std::vector<double> sums(layers, 0.0);
    std::vector<double> defined(layers, 0.0);
    for (std::size_t i = 0; i < batch_means.size(); ++i) {
        if (counts[i] > 0) {
            sums[i % layers] += batch_means[i] * counts[i];
            defined[i % layers] += counts[i];
        }
    }
    for (std::size_t layer = 0; layer < layers; ++layer) {
        sums[layer] = defined[layer] > 0 ? sums[layer] / defined[layer] : undefined;
    }
    return sums;
}

std::span<const double> batches_reduced_by(const GammaView& view, Reducer reducer)
{
    switch (reducer) {
    case Reducer::mean:
        return view.batch_mean;
    case Reducer::median:
        return view.batch_median;
    case Reducer::iqm:
        break;
    }
    return view.batch_iqm;
}

void check_sizes(const GammaView& view)
{
    const auto samples = static_cast<std::size_t>(view.batches * view.batch_size);
    const auto per_batch = static_cast<std::size_t>(view.batches * view.layers);
    const auto fits = [](std::span<const double> values, std::size_t size) {
        return values.empty() || values.size() == size;
    };
    if (!fits(view.samples, samples * static_cast<std::size_t>(view.layers)) || !fits(view.concat, samples) ||
        !fits(view.batchvec, per_batch) || !fits(view.flat, per_batch) || !fits(view.batch_mean, per_batch) ||
        !fits(view.batch_median, per_batch) || !fits(view.batch_iqm, per_batch) ||
        !fits(view.batch_angle, per_batch) || !fits(view.batch_count, per_batch)) {
        throw std::invalid_argument("a span of a GammaView doesn't have the size its axes say");
    }
}

/// What the steps start from, and how many of them are done by it.
struct Start {
    Array array;
    std::size_t steps_done = 0;
};

Start start_from_batches(const Strategy& strategy, const GammaView& view)
{
    Start start;
    start.array.layers = static_cast<std::size_t>(view.layers);
    if (strategy.form() == Form::angle) {
        auto angles = pooled_from_batches(view.batch_angle, view.batch_count, start.array.layers);
        std::transform(angles.begin(), angles.end(), angles.begin(),
                       [](double angle) { return std::cos(angle); });
        start.array.assign(std::move(angles));
        return start;
    }
    start.steps_done = 1;
    const auto first = strategy.steps().front();
    if (first.axis == Axis::pooled) {
        start.array.assign(pooled_from_batches(view.batch_mean, view.batch_count, start.array.layers));
    } else {
        start.array.values = batches_reduced_by(view, first.reducer);
        start.array.batches = static_cast<std::size_t>(view.batches);
    }
    return start;
}

Start start_of(const Strategy& strategy, const GammaView& view)
{
    const bool of_samples = strategy.form() == Form::gamma || strategy.form() == Form::angle;
    if (of_samples && view.samples.empty()) {
        return start_from_batches(strategy, view);
    }
    Start start;
    auto& array = start.array;
    array.batches = static_cast<std::size_t>(view.batches);
    array.samples = static_cast<std::size_t>(view.batch_size);
    array.layers = static_cast<std::size_t>(view.layers);
    switch (strategy.form()) {
    case Form::gamma:
        array.values = view.samples;
        break;
    case Form::angle:
        array.assign(mean_angle(view.samples, array.batches * array.samples, array.layers));
        array.batches = array.samples = 1;
        break;
    case Form::batchvec:
    case Form::flat:
        array.values = strategy.form() == Form::batchvec ? view.batchvec : view.flat;
        array.samples = 1;
        break;
    case Form::concat:
        array.values = view.concat;
        array.layers = 1;
        break;
    }
    return start;
}

} // namespace

bool Strategy::computable(const GammaView& view) const
{
    switch (form_) {
    case Form::batchvec:
        return !view.batchvec.empty();
    case Form::flat:
        return !view.flat.empty();
    case Form::concat:
        return !view.concat.empty();
    case Form::angle:
        return !view.samples.empty() || (!view.batch_angle.empty() && !view.batch_count.empty());
    case Form::gamma:
        break;
    }
    if (!view.samples.empty()) {
        return true;
    }
    const auto first = steps_.front();
    if (first.axis == Axis::pooled && first.reducer == Reducer::mean) {
        return !view.batch_mean.empty() && !view.batch_count.empty();
    }
    return first.axis == Axis::samples && !batches_reduced_by(view, first.reducer).empty();
}

std::int64_t Strategy::undefined_values(const GammaView& view) const
{
    const auto uses_blocks_only =
        std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.axis == Axis::blocks; });
    const auto layers = form_ == Form::concat ? std::size_t{1} : static_cast<std::size_t>(view.layers);
    const auto values = form_ == Form::batchvec ? view.batchvec
                        : form_ == Form::flat   ? view.flat
                        : form_ == Form::concat ? view.concat
                                                : view.samples;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool used = !uses_blocks_only || i % layers != 0;
        count += used && std::isnan(values[i]) ? 1 : 0;
    }
    return count;
}

double Strategy::operator()(const GammaView& view) const
{
    check_sizes(view);
    if (!computable(view)) {
        return undefined;
    }
    auto start = start_of(*this, view);
    for (auto step = start.steps_done; step < steps_.size(); ++step) {
        if (!apply(start.array, steps_[step])) {
            return undefined;
        }
    }
    return start.array.values.front();
}

} // namespace fa::aggregation
