#include "diagnostics/verdict/floor.hpp"

#include "diagnostics/verdict/median.hpp"

#include <fmt/format.h>

namespace fa::verdict {
namespace {

/// median(‖g_L‖/‖e‖)/128 over the samples where the ratio is defined.
Median last_gradient_per_error(std::span<const double> gradient_norm, std::span<const double> error_norm,
                               std::size_t layers)
{
    std::vector<double> ratios;
    ratios.reserve(error_norm.size());
    for (std::size_t sample = 0; sample < error_norm.size(); ++sample)
        ratios.push_back(gradient_norm[sample * layers + layers - 1] / error_norm[sample]);
    return median(std::move(ratios));
}

} // namespace

Floor judge_floor(std::span<const double> gradient_norm, std::span<const double> error_norm,
                  std::size_t layers, const Thresholds& thresholds)
{
    const std::vector<Median> medians = column_medians(gradient_norm, layers);
    const Median per_error = last_gradient_per_error(gradient_norm, error_norm, layers);

    Floor floor;
    floor.gradient_norm = values(medians);
    floor.last_gradient_norm = medians.back().value;
    floor.last_gradient_per_error = per_error.value;
    const double limit = thresholds.g_norm_floor;
    if (medians.back().mostly_undefined() || medians.back().count == 0) {
        floor.state = State::fired;
        floor.cause = "undefined";
        floor.reason = fmt::format("‖g_L‖ is undefined for {} of {} samples", medians.back().undefined,
                                   medians.back().count);
    } else if (floor.last_gradient_norm >= limit) {
        floor.state = State::passed;
    } else {
        // Errors that are exactly zero leave no ratio: that is a saturated loss, not a scale.
        const bool scale = per_error.value < limit;
        floor.state = State::fired;
        floor.cause = scale ? "scale" : "saturated loss";
        floor.reason =
            fmt::format("the median ‖g_L‖ is {:.3g} (at least {:g}): {}", floor.last_gradient_norm, limit,
                        scale ? "it stays below the floor per unit of error, so the stream's scale did it"
                              : "the errors themselves are tiny, the network may be healthy");
    }
    return floor;
}

} // namespace fa::verdict
