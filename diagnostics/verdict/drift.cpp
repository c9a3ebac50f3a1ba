#include "diagnostics/verdict/drift.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include <cmath>
#include <numeric>

namespace fa::verdict {
namespace {

/// Batches that have a direction; one without has no cosine with itself either.
std::vector<std::size_t> defined_batches(std::span<const double> cosine, std::size_t batches)
{
    std::vector<std::size_t> defined;
    for (std::size_t batch = 0; batch < batches; ++batch)
        if (std::isfinite(cosine[batch * batches + batch]))
            defined.push_back(batch);
    return defined;
}

/// For each of `defined`, the sum of its cosines with the others.
std::vector<double> sums_with_others(std::span<const double> cosine, std::size_t batches,
                                     const std::vector<std::size_t>& defined)
{
    std::vector<double> sums;
    for (const std::size_t batch : defined) {
        double sum = 0;
        for (const std::size_t other : defined)
            if (other != batch)
                sum += cosine[batch * batches + other];
        sums.push_back(sum);
    }
    return sums;
}

} // namespace

Stability stability(std::span<const double> cosine, std::size_t batches)
{
    const std::vector<std::size_t> defined = defined_batches(cosine, batches);
    Stability result;
    result.defined_batches = defined.size();
    if (defined.size() < fewest_drift_batches)
        return result;

    const auto n = static_cast<double>(defined.size());
    const std::vector<double> sums = sums_with_others(cosine, batches, defined);
    const double total = std::accumulate(sums.begin(), sums.end(), 0.0); // every pair twice
    result.value = total / (n * (n - 1));

    std::vector<double> deleted; // the same without one batch
    for (const double sum : sums)
        deleted.push_back((total - 2 * sum) / ((n - 1) * (n - 2)));
    const double mean = std::accumulate(deleted.begin(), deleted.end(), 0.0) / n;
    double squares = 0;
    for (const double each : deleted)
        squares += (each - mean) * (each - mean);
    const double standard_error = std::sqrt((n - 1) / n * squares);
    const double half = boost::math::quantile(boost::math::students_t(n - 1), 0.975) * standard_error;
    result.interval = {.low = result.value - half, .high = result.value + half};
    return result;
}

Drift judge_drift(std::span<const double> direction_cosine, std::size_t layers, std::size_t batches,
                  const Thresholds& thresholds)
{
    Drift drift;
    for (std::size_t layer = 0; layer < layers; ++layer)
        drift.layers.push_back(
            stability(direction_cosine.subspan(layer * batches * batches, batches * batches), batches));
    drift.judged_layer = (layers - 1) / 2;
    const Stability& judged = drift.layers[drift.judged_layer];
    drift.stability = judged.value;
    drift.interval = judged.interval;

    const double ceiling = thresholds.stability_drift_ceiling;
    if (batches < fewest_drift_batches) {
        drift.reason = fmt::format("{} batches, at least {} are needed", batches, fewest_drift_batches);
    } else if (judged.defined_batches < fewest_drift_batches) {
        drift.reason =
            fmt::format("{} of {} batches have a defined mean gradient at layer {}, at least {} are needed",
                        judged.defined_batches, batches, drift.judged_layer, fewest_drift_batches);
    } else if (drift.stability <= ceiling) {
        drift.state = State::passed;
    } else {
        drift.state = State::fired;
        drift.cause = std::isnan(drift.stability) ? "undefined" : "";
        drift.reason =
            fmt::format("batches agree on the gradient's direction at layer {} with a mean cosine of {:.3f} "
                        "(at most {:g})",
                        drift.judged_layer, drift.stability, ceiling);
    }
    drift.marginal = drift.state != State::not_run && drift.interval.spans(ceiling);
    return drift;
}

} // namespace fa::verdict
