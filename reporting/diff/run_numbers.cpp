#include "reporting/diff/run_numbers.hpp"

#include "aggregation/bootstrap.hpp"
#include "aggregation/fresh_values.hpp"
#include "aggregation/strategy_cache.hpp"
#include "aggregation/train_gamma.hpp"
#include "reporting/diff/significance.hpp"
#include "store/layout.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fa::reporting {
namespace {

using aggregation::Digits;
using aggregation::RunResult;
using aggregation::undefined;

/// Two runs in reading, and what they have in common.
struct Pair {
    Pair(const Side& a, const Side& b, const aggregation::Strategy& strategy)
        : first(*a.run.result), second(*b.run.result), one(store::Layout(a.store).run(a.run.spec.name)),
          other(store::Layout(b.store).run(b.run.spec.name)), a_train(aggregation::read_train_gamma(one)),
          b_train(aggregation::read_train_gamma(other)),
          a_fresh(aggregation::fresh_values(one, std::span(&strategy, 1),
                                            aggregation::read_cache(a.store, one.attributes().digest))),
          b_fresh(aggregation::fresh_values(other, std::span(&strategy, 1),
                                            aggregation::read_cache(b.store, other.attributes().digest)))
    {
        const auto &x = one.attributes(), &y = other.attributes();
        same_test_data = x.data_sha256 == y.data_sha256 && x.test_samples == y.test_samples;
        same_samples = same_test_data && x.eval_seed == y.eval_seed && x.batches == y.batches &&
                       x.batch_size == y.batch_size;
        same_shape = x.width == y.width && x.classes == y.classes;
        // A draw is a function of its seed, place, shape and distribution; its scale doesn't move a cosine.
        common_draws = same_shape && x.draw_seed == y.draw_seed &&
                               x.feedback_distribution == y.feedback_distribution &&
                               x.feedback_shared == y.feedback_shared && x.credit == y.credit &&
                               x.feedback_distribution != "permute"
                           ? static_cast<std::size_t>(std::min(x.draws, y.draws))
                           : 0;
    }

    const RunResult &first, &second;
    store::RunReader one, other;
    aggregation::TrainGamma a_train, b_train;
    aggregation::FreshValues a_fresh, b_fresh;
    bool same_test_data, same_samples, same_shape;
    std::size_t common_draws; ///< 0: the draws have nothing to do with each other

    bool has_draws() const { return one.attributes().draws > 1 && other.attributes().draws > 1; }
};

/// The least number of common draws that are paired.
constexpr std::size_t fewest_draws = 3;

NumberDiff plain(std::string quantity, double a, double b, Digits digits)
{
    return {std::move(quantity), a, b, "", undefined, undefined, digits};
}

NumberDiff tested(std::string quantity, double a, double b, Digits digits, std::string test, double p)
{
    return {std::move(quantity), a, b, std::isnan(p) ? "" : std::move(test), p, undefined, digits};
}

std::span<const double> beginning(const std::vector<double>& values, std::size_t count)
{
    return std::span(values).first(std::min(count, values.size()));
}

/// Γ_train against how far fresh draws move the same number; NaN without draws.
NumberDiff against_draws(std::string quantity, double a, double b, const std::vector<double>& a_draws,
                         const std::vector<double>& b_draws, const Pair& pair)
{
    if (pair.common_draws >= fewest_draws) {
        const auto n = pair.common_draws;
        return tested(std::move(quantity), a, b, Digits::cosine, fmt::format("t, against {} common draws", n),
                      prediction_p(b - a, beginning(a_draws, n), beginning(b_draws, n)));
    }
    return tested(
        std::move(quantity), a, b, Digits::cosine, "z, against the fresh draws' std",
        normal_p(b - a, aggregation::standard_deviation(a_draws), aggregation::standard_deviation(b_draws)));
}

/// Mean of each batch's samples in one layer.
std::vector<double> batch_means(const aggregation::TrainGamma& gamma, std::size_t layer)
{
    const auto values = aggregation::column(gamma.samples, static_cast<std::size_t>(gamma.layers), layer);
    const auto size = static_cast<std::size_t>(gamma.batch_size);
    std::vector<double> means;
    for (std::size_t i = 0; i + size <= values.size(); i += size) {
        means.push_back(aggregation::mean(std::span(values).subspan(i, size)));
    }
    return means;
}

NumberDiff over_batches_of(std::string quantity, double a, double b, std::size_t layer, const Pair& pair)
{
    const auto before = batch_means(pair.a_train, layer), after = batch_means(pair.b_train, layer);
    if (pair.same_samples) {
        return tested(std::move(quantity), a, b, Digits::cosine,
                      fmt::format("t, {} common batches", before.size()), paired_p(before, after));
    }
    return tested(std::move(quantity), a, b, Digits::cosine, "Welch's t over batches",
                  welch_p(before, after));
}

/// Replicates of both runs resample the same batches where these are the same samples, else batches of their
/// own: then those of B are taken in another order.
NumberDiff by_bootstrap(std::string quantity, double a, double b, const Pair& pair,
                        const aggregation::Strategy& strategy)
{
    const auto count = aggregation::default_replicates;
    const auto before =
        aggregation::over_batches(std::span(&strategy, 1), pair.a_train.view(), count).front();
    const auto after = aggregation::over_batches(std::span(&strategy, 1), pair.b_train.view(), count).front();
    std::vector<double> differences(count);
    const std::size_t shift = pair.same_samples ? 0 : count / 2;
    for (std::size_t i = 0; i < count; ++i) {
        differences[i] = after[(i + shift) % count] - before[i];
    }
    const auto interval = aggregation::interval_of(differences);
    const auto cosine = [](double value) { return aggregation::readable(value, Digits::cosine); };
    return tested(std::move(quantity), a, b, Digits::cosine,
                  fmt::format("bootstrap over {}batches, difference {} to {}",
                              pair.same_samples ? "common " : "", cosine(interval.low),
                              cosine(interval.high)),
                  bootstrap_p(differences));
}

void add_gamma_train(const Pair& pair, const aggregation::Strategy& strategy,
                     std::vector<NumberDiff>& numbers)
{
    const double a = pair.first.strategies.front().gamma.train,
                 b = pair.second.strategies.front().gamma.train;
    if (!pair.first.has_train && !pair.second.has_train) {
        return;
    }
    if (!pair.first.has_train || !pair.second.has_train) {
        return numbers.push_back(plain("Γ_train", a, b, Digits::cosine));
    }
    numbers.push_back(pair.has_draws() ? against_draws("Γ_train", a, b, pair.a_fresh.strategies.front(),
                                                       pair.b_fresh.strategies.front(), pair)
                                       : by_bootstrap("Γ_train", a, b, pair, strategy));
    const auto layers = std::min(pair.first.layers.size(), pair.second.layers.size());
    for (std::size_t l = 0; l < layers && pair.first.layers.size() == pair.second.layers.size(); ++l) {
        const double x = pair.first.layers[l].gamma.train, y = pair.second.layers[l].gamma.train;
        const auto quantity = fmt::format("Γ_train, layer {}", l);
        numbers.push_back(pair.has_draws() ? against_draws(quantity, x, y, pair.a_fresh.layers[l],
                                                           pair.b_fresh.layers[l], pair)
                                           : over_batches_of(quantity, x, y, l, pair));
    }
}

void add_gamma_fresh(const Pair& pair, std::vector<NumberDiff>& numbers)
{
    const auto &a = pair.a_fresh.strategies.front(), &b = pair.b_fresh.strategies.front();
    const double x = pair.first.strategies.front().gamma.fresh_mean,
                 y = pair.second.strategies.front().gamma.fresh_mean;
    if (std::isnan(x) && std::isnan(y)) {
        return;
    }
    const auto n = pair.common_draws;
    numbers.push_back(n >= fewest_draws
                          ? tested("Γ_fresh", x, y, Digits::cosine,
                                   fmt::format("paired t, {} common draws", n),
                                   paired_p(beginning(a, n), beginning(b, n)))
                          : tested("Γ_fresh", x, y, Digits::cosine, "Welch's t over draws", welch_p(a, b)));
}

std::vector<std::uint8_t> right_answers(const store::RunReader& run)
{
    return run.has("accuracy/correct") ? run.read<std::uint8_t>("accuracy/correct")
                                       : std::vector<std::uint8_t>{};
}

NumberDiff accuracy(const Pair& pair)
{
    const double x = pair.first.verdict.useful_blocks.accuracy,
                 y = pair.second.verdict.useful_blocks.accuracy;
    const auto a = right_answers(pair.one), b = right_answers(pair.other);
    if (pair.same_test_data && a.size() == b.size()) {
        return tested("accuracy", x, y, Digits::fraction, "McNemar, same test samples", mcnemar_p(a, b));
    }
    const auto right = [](const auto& answers) {
        return static_cast<std::size_t>(
            std::ranges::count_if(answers, [](std::uint8_t one) { return one != 0; }));
    };
    return tested("accuracy", x, y, Digits::fraction, "z of two shares",
                  shares_p(right(a), a.size(), right(b), b.size()));
}

/// ln of a norm by sample at one layer; NaN where it isn't positive and finite.
std::vector<double> logarithms(const store::RunReader& run, const char* dataset, std::size_t layer)
{
    auto values = aggregation::column(run.read<double>(dataset),
                                      static_cast<std::size_t>(run.attributes().layers()), layer);
    for (auto& value : values) {
        value = value > 0 && std::isfinite(value) ? std::log(value) : undefined;
    }
    return values;
}

NumberDiff by_logarithms(std::string quantity, double a, double b, const std::vector<double>& before,
                         const std::vector<double>& after, const Pair& pair)
{
    return pair.same_samples ? tested(std::move(quantity), a, b, Digits::significant,
                                      "paired t of logarithms, same samples", paired_p(before, after))
                             : tested(std::move(quantity), a, b, Digits::significant,
                                      "Welch's t of logarithms", welch_p(before, after));
}

std::vector<double> log_growth(const store::RunReader& run)
{
    auto last = logarithms(run, "norms/hidden", static_cast<std::size_t>(run.attributes().depth));
    const auto first = logarithms(run, "norms/hidden", 0);
    std::ranges::transform(last, first, last.begin(), std::minus{});
    return last;
}

double standard_error(const verdict::Drift& drift)
{
    const auto n = drift.layers[drift.judged_layer].defined_batches;
    if (n < 2 || std::isnan(drift.interval.high)) {
        return undefined;
    }
    return (drift.interval.high - drift.stability) /
           boost::math::quantile(boost::math::students_t(static_cast<double>(n - 1)), 0.975);
}

void add_diagnostics(const Pair& pair, std::vector<NumberDiff>& numbers)
{
    const auto &a = pair.first.verdict, &b = pair.second.verdict;
    numbers.push_back(plain("max growth", a.scale.max_growth, b.scale.max_growth, Digits::significant));
    numbers.push_back(by_logarithms("growth 0→L", a.scale.end_to_end_growth, b.scale.end_to_end_growth,
                                    log_growth(pair.one), log_growth(pair.other), pair));
    numbers.push_back(by_logarithms(
        "‖g_L‖", a.floor.last_gradient_norm, b.floor.last_gradient_norm,
        logarithms(pair.one, "norms/gradient", static_cast<std::size_t>(pair.one.attributes().depth)),
        logarithms(pair.other, "norms/gradient", static_cast<std::size_t>(pair.other.attributes().depth)),
        pair));
    const auto freedom = [](const verdict::Drift& drift) {
        return static_cast<double>(drift.layers[drift.judged_layer].defined_batches) - 1;
    };
    numbers.push_back(tested(
        "stability", a.drift.stability, b.drift.stability, Digits::fraction, "t, jackknife over batches",
        student_p(b.drift.stability - a.drift.stability, standard_error(a.drift), standard_error(b.drift),
                  std::min(freedom(a.drift), freedom(b.drift)))));
    numbers.push_back(accuracy(pair));
    numbers.push_back(plain("margin", a.useful_blocks.margin_pp, b.useful_blocks.margin_pp, Digits::points));
}

} // namespace

std::vector<NumberDiff> diff_numbers(const Side& a, const Side& b, const aggregation::Strategy& first)
{
    const Pair pair(a, b, first);
    std::vector<NumberDiff> numbers;
    add_gamma_train(pair, first, numbers);
    add_gamma_fresh(pair, numbers);
    add_diagnostics(pair, numbers);
    std::erase_if(numbers, [](const NumberDiff& one) { return std::isnan(one.a) && std::isnan(one.b); });
    return numbers;
}

} // namespace fa::reporting
