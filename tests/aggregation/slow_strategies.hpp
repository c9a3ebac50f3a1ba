#pragma once
/// Invented Γ, and strategies as slow loops that know nothing of the evaluator.

#include "aggregation/statistics.hpp"
#include "aggregation/strategy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace fa::testing {

using aggregation::GammaView;
using aggregation::undefined;

using Values = std::vector<double>;

/// Γ of B batches of N samples and L + 1 layers, with the view on it.
struct Problem {
    int batches, size, layers;
    Values samples, batchvec, flat, concat;

    double at(int batch, int sample, int layer) const
    {
        return samples[static_cast<std::size_t>((batch * size + sample) * layers + layer)];
    }
    GammaView view() const
    {
        GammaView view;
        view.batches = batches;
        view.batch_size = size;
        view.layers = layers;
        view.samples = samples;
        view.batchvec = batchvec;
        view.flat = flat;
        view.concat = concat;
        return view;
    }
};

inline Problem invented(int batches, int size, int layers, double undefined_share, unsigned seed)
{
    std::mt19937 bits(seed);
    const auto uniform = [&] { return static_cast<double>(bits()) * 0x1p-32; };
    const auto gamma = [&](int count) {
        Values values;
        for (int i = 0; i < count; ++i) {
            const double value = 2 * uniform() - 1;
            values.push_back(uniform() < undefined_share ? undefined : value);
        }
        return values;
    };
    return {batches,
            size,
            layers,
            gamma(batches * size * layers),
            gamma(batches * layers),
            gamma(batches * layers),
            gamma(batches * size)};
}

using Reducer = std::function<double(Values)>;

inline Values without_nan(Values values)
{
    Values kept;
    for (const double value : values) {
        if (!std::isnan(value)) {
            kept.push_back(value);
        }
    }
    std::sort(kept.begin(), kept.end());
    return kept;
}

inline double slow_mean(Values values)
{
    values = without_nan(values);
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return values.empty() ? undefined : sum / static_cast<double>(values.size());
}

inline double slow_median(Values values)
{
    values = without_nan(values);
    const auto n = values.size();
    return n == 0 ? undefined : n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

inline double slow_iqm(Values values)
{
    values = without_nan(values);
    const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
    return slow_mean(Values(values.begin() + cut, values.end() - cut));
}

inline Values of_layer(const Problem& problem, int layer, Reducer reduce_batch = nullptr)
{
    Values result;
    for (int batch = 0; batch < problem.batches; ++batch) {
        Values inside;
        for (int sample = 0; sample < problem.size; ++sample) {
            inside.push_back(problem.at(batch, sample, layer));
        }
        if (reduce_batch) {
            result.push_back(reduce_batch(inside));
        } else {
            result.insert(result.end(), inside.begin(), inside.end());
        }
    }
    return result;
}

/// Reducer over layers of one number a layer; N/A if one is undefined.
inline double over_layers(const Problem& problem, int first, const std::function<double(int)>& of,
                          const Reducer& reducer)
{
    Values values;
    for (int layer = first; layer < problem.layers; ++layer) {
        values.push_back(of(layer));
        if (std::isnan(values.back())) {
            return undefined;
        }
    }
    return reducer(values);
}

inline double layers_then_pooled(const Problem& problem, const Reducer& layers, const Reducer& pooled)
{
    for (int layer = 0; layer < problem.layers; ++layer) {
        if (without_nan(of_layer(problem, layer)).empty()) {
            return undefined;
        }
    }
    Values per_sample;
    for (int batch = 0; batch < problem.batches; ++batch) {
        for (int sample = 0; sample < problem.size; ++sample) {
            Values own;
            for (int layer = 0; layer < problem.layers; ++layer) {
                own.push_back(problem.at(batch, sample, layer));
            }
            per_sample.push_back(layers(own));
        }
    }
    return pooled(per_sample);
}

inline double angle(const Problem& problem)
{
    const auto of = [&](int layer) {
        Values angles;
        for (const double value : of_layer(problem, layer)) {
            angles.push_back(std::isnan(value) ? undefined : std::acos(std::clamp(value, -1.0, 1.0)));
        }
        return std::cos(slow_mean(angles));
    };
    return over_layers(problem, 0, of, slow_mean);
}

inline double vector_form(const Problem& problem, const Values& values)
{
    const auto of = [&](int layer) {
        Values column;
        for (int batch = 0; batch < problem.batches; ++batch) {
            column.push_back(values[static_cast<std::size_t>(batch * problem.layers + layer)]);
        }
        return slow_mean(column);
    };
    return over_layers(problem, 0, of, slow_mean);
}

/// The 14 of the design and some more, each written out.
inline std::map<std::string, double> slow_values(const Problem& p)
{
    const auto pooled = [&](const Reducer& reducer) {
        return [&p, reducer](int layer) { return reducer(of_layer(p, layer)); };
    };
    const auto nested = [&](const Reducer& samples, const Reducer& batches) {
        return [&p, samples, batches](int layer) { return batches(of_layer(p, layer, samples)); };
    };
    return {
        {"pooled=mean,layers=mean", over_layers(p, 0, pooled(slow_mean), slow_mean)},
        {"pooled=mean,layers=median", over_layers(p, 0, pooled(slow_mean), slow_median)},
        {"pooled=median,layers=mean", over_layers(p, 0, pooled(slow_median), slow_mean)},
        {"pooled=median,layers=median", over_layers(p, 0, pooled(slow_median), slow_median)},
        {"layers=mean,pooled=median", layers_then_pooled(p, slow_mean, slow_median)},
        {"layers=median,pooled=mean", layers_then_pooled(p, slow_median, slow_mean)},
        {"samples=mean,batches=median,layers=mean",
         over_layers(p, 0, nested(slow_mean, slow_median), slow_mean)},
        {"samples=median,batches=mean,layers=mean",
         over_layers(p, 0, nested(slow_median, slow_mean), slow_mean)},
        {"pooled=iqm,layers=mean", over_layers(p, 0, pooled(slow_iqm), slow_mean)},
        {"batchvec,batches=mean,layers=mean", vector_form(p, p.batchvec)},
        {"flat,batches=mean,layers=mean", vector_form(p, p.flat)},
        {"concat,pooled=mean", slow_mean(p.concat)},
        {"angle,layers=mean", angle(p)},
        {"pooled=mean,blocks=mean", over_layers(p, 1, pooled(slow_mean), slow_mean)},
        {"samples=iqm,batches=iqm,blocks=median", over_layers(p, 1, nested(slow_iqm, slow_iqm), slow_median)},
        {"layers=iqm,pooled=iqm", layers_then_pooled(p, slow_iqm, slow_iqm)},
    };
}

inline void expect_same(double value, double wanted, const std::string& what)
{
    if (std::isnan(wanted)) {
        EXPECT_TRUE(std::isnan(value)) << what << ": " << value << " instead of undefined";
    } else {
        EXPECT_NEAR(value, wanted, 1e-14) << what;
    }
}

} // namespace fa::testing
