/// Values of strategies against slow loops that know nothing of the evaluator.
#include "aggregation/strategy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <vector>

using namespace fa::aggregation;

namespace {

const double nan = std::nan("");
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

Problem invented(int batches, int size, int layers, double undefined_share, unsigned seed)
{
    std::mt19937 bits(seed);
    const auto uniform = [&] { return static_cast<double>(bits()) * 0x1p-32; };
    const auto gamma = [&](int count) {
        Values values;
        for (int i = 0; i < count; ++i) {
            const double value = 2 * uniform() - 1;
            values.push_back(uniform() < undefined_share ? nan : value);
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

Values without_nan(Values values)
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

double slow_mean(Values values)
{
    values = without_nan(values);
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return values.empty() ? nan : sum / static_cast<double>(values.size());
}

double slow_median(Values values)
{
    values = without_nan(values);
    const auto n = values.size();
    return n == 0 ? nan : n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double slow_iqm(Values values)
{
    values = without_nan(values);
    const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
    return slow_mean(Values(values.begin() + cut, values.end() - cut));
}

Values of_layer(const Problem& problem, int layer, Reducer reduce_batch = nullptr)
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
double over_layers(const Problem& problem, int first, const std::function<double(int)>& of,
                   const Reducer& reducer)
{
    Values values;
    for (int layer = first; layer < problem.layers; ++layer) {
        values.push_back(of(layer));
        if (std::isnan(values.back())) {
            return nan;
        }
    }
    return reducer(values);
}

double layers_then_pooled(const Problem& problem, const Reducer& layers, const Reducer& pooled)
{
    for (int layer = 0; layer < problem.layers; ++layer) {
        if (without_nan(of_layer(problem, layer)).empty()) {
            return nan;
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

double angle(const Problem& problem)
{
    const auto of = [&](int layer) {
        Values angles;
        for (const double value : of_layer(problem, layer)) {
            angles.push_back(std::isnan(value) ? nan : std::acos(std::clamp(value, -1.0, 1.0)));
        }
        return std::cos(slow_mean(angles));
    };
    return over_layers(problem, 0, of, slow_mean);
}

double vector_form(const Problem& problem, const Values& values)
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
std::map<std::string, double> slow_values(const Problem& p)
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

void expect_same(double value, double wanted, const std::string& what)
{
    if (std::isnan(wanted)) {
        EXPECT_TRUE(std::isnan(value)) << what << ": " << value << " instead of undefined";
    } else {
        EXPECT_NEAR(value, wanted, 1e-14) << what;
    }
}

TEST(StrategyValue, AgreesWithSlowLoops)
{
    for (const auto& problem : {invented(8, 16, 5, 0, 1), invented(3, 7, 4, 0, 2), invented(1, 5, 1, 0, 3)}) {
        for (const auto& [text, wanted] : slow_values(problem)) {
            expect_same(Strategy(text)(problem.view()), wanted, text);
        }
    }
}

TEST(StrategyValue, AgreesWithSlowLoopsWhereValuesAreUndefined)
{
    for (unsigned seed = 0; seed < 8; ++seed) {
        const auto problem = invented(4, 6, 3, 0.1 * seed, seed);
        for (const auto& [text, wanted] : slow_values(problem)) {
            expect_same(Strategy(text)(problem.view()), wanted, text);
        }
    }
}

TEST(StrategyValue, IsUndefinedWhereALayerIsWhollyUndefined)
{
    auto problem = invented(4, 6, 3, 0, 1);
    for (std::size_t i = 2; i < problem.samples.size(); i += 3) {
        problem.samples[i] = nan;
    }
    for (const auto* text : {"pooled=mean,layers=mean", "layers=mean,pooled=median",
                             "layers=median,pooled=mean", "angle,layers=mean", "pooled=mean,blocks=mean"}) {
        EXPECT_TRUE(std::isnan(Strategy(text)(problem.view()))) << text;
    }
}

TEST(StrategyValue, OverBlocksDoesNotNeedLayerZero)
{
    auto problem = invented(4, 6, 3, 0, 1);
    const double before = Strategy("pooled=mean,blocks=mean")(problem.view());
    for (std::size_t i = 0; i < problem.samples.size(); i += 3) {
        problem.samples[i] = nan;
    }
    EXPECT_EQ(Strategy("pooled=mean,blocks=mean")(problem.view()), before);
}

TEST(StrategyValue, OverBlocksOfANetworkWithoutBlocksIsUndefined)
{
    const auto problem = invented(4, 6, 1, 0, 1);
    EXPECT_TRUE(std::isnan(Strategy("pooled=mean,blocks=mean")(problem.view())));
}

TEST(StrategyValue, OfAnAngleBeyondOneByRoundingIsDefined)
{
    Problem problem{1, 2, 1, {1.0 + 1e-15, 1.0}, {}, {}, {}};
    EXPECT_EQ(Strategy("angle,layers=mean")(problem.view()), 1.0);
}

TEST(StrategyValue, CountsTheUndefinedValuesItStartsFrom)
{
    Problem problem{
        2, 2, 2, {nan, 1, 1, nan, nan, 1, 1, nan}, {nan, 1, 1, 1}, {1, 1, 1, 1}, {nan, nan, 1, nan}};
    EXPECT_EQ(Strategy("pooled=mean,layers=mean").undefined_values(problem.view()), 4);
    EXPECT_EQ(Strategy("pooled=mean,blocks=mean").undefined_values(problem.view()), 2);
    EXPECT_EQ(Strategy("batchvec,batches=mean,layers=mean").undefined_values(problem.view()), 1);
    EXPECT_EQ(Strategy("flat,batches=mean,layers=mean").undefined_values(problem.view()), 0);
    EXPECT_EQ(Strategy("concat,pooled=mean").undefined_values(problem.view()), 3);
}

TEST(StrategyValue, RefusesAViewWhoseSizesDisagree)
{
    auto problem = invented(4, 6, 3, 0, 1);
    problem.samples.pop_back();
    EXPECT_THROW(Strategy("pooled=mean,layers=mean")(problem.view()), std::invalid_argument);
}

/// The view that `--keep batches` leaves, with the memory it looks at.
struct Kept {
    Problem problem;
    Values mean, median, iqm, angle, count;

    explicit Kept(const Problem& from) : problem(from)
    {
        for (int batch = 0; batch < problem.batches; ++batch) {
            for (int layer = 0; layer < problem.layers; ++layer) {
                Values inside, angles;
                for (int sample = 0; sample < problem.size; ++sample) {
                    inside.push_back(problem.at(batch, sample, layer));
                    angles.push_back(std::acos(inside.back()));
                }
                mean.push_back(slow_mean(inside));
                median.push_back(slow_median(inside));
                iqm.push_back(slow_iqm(inside));
                angle.push_back(slow_mean(angles));
                count.push_back(static_cast<double>(without_nan(inside).size()));
            }
        }
    }
    GammaView view() const
    {
        auto view = problem.view();
        view.samples = {};
        view.batch_mean = mean;
        view.batch_median = median;
        view.batch_iqm = iqm;
        view.batch_angle = angle;
        view.batch_count = count;
        return view;
    }
};

TEST(KeptBatches, GiveTheSameNumbersWhereTheySuffice)
{
    for (unsigned seed = 0; seed < 6; ++seed) {
        const auto problem = invented(4, 6, 3, 0.15 * seed, seed);
        const Kept kept(problem);
        for (const auto* text :
             {"pooled=mean,layers=mean", "pooled=mean,layers=median",
              "samples=mean,batches=median,layers=mean", "samples=median,batches=mean,layers=mean",
              "samples=iqm,batches=mean,layers=iqm", "angle,layers=mean", "pooled=mean,blocks=mean",
              "batchvec,batches=mean,layers=mean", "flat,batches=mean,layers=mean", "concat,pooled=mean",
              "samples=mean,layers=mean,batches=median"}) {
            const Strategy strategy(text);
            ASSERT_TRUE(strategy.computable(kept.view())) << text;
            expect_same(strategy(kept.view()), strategy(problem.view()), text);
        }
    }
}

TEST(KeptBatches, DoNotSufficeForStrategiesThatNeedTheSamples)
{
    const Kept kept(invented(4, 6, 3, 0, 1));
    for (const auto* text :
         {"pooled=median,layers=mean", "pooled=iqm,layers=mean", "layers=mean,pooled=median",
          "layers=median,pooled=mean", "batches=mean,samples=mean,layers=mean"}) {
        EXPECT_FALSE(Strategy(text).computable(kept.view())) << text;
        EXPECT_TRUE(std::isnan(Strategy(text)(kept.view()))) << text;
    }
}

TEST(StrategyValue, IsComputableForAllFourteenWithSamplesAndVectorForms)
{
    const auto problem = invented(4, 6, 3, 0, 1);
    for (const auto& strategy : default_strategies()) {
        EXPECT_TRUE(strategy.computable(problem.view())) << strategy.text();
    }
}

TEST(StrategyValue, TwoHundredDrawsOfAThousandSamplesTakeASecondsFraction)
{
    const auto problem = invented(8, 128, 5, 0, 1);
    const auto strategies = default_strategies();
    double sum = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int draw = 0; draw < 200; ++draw) {
        for (const auto& strategy : strategies) {
            sum += strategy(problem.view());
        }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    RecordProperty("milliseconds", static_cast<int>(1000 * seconds.count()));
    EXPECT_TRUE(std::isfinite(sum));
#ifdef NDEBUG
    EXPECT_LT(seconds.count(), 5.0); // about 0.1 s alone; a shared or instrumented machine is slower
#endif
}

} // namespace
